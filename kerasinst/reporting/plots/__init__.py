"""Figures of reports, as matplotlib figures that belong to no window."""
