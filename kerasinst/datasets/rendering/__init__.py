"""Rendering music with a sound bank: what `soundfont` and `general_midi` read is made here."""
