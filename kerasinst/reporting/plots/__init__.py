"""Draws the figures of reports with matplotlib, without a window."""
