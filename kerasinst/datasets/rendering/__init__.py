"""Renders music with sound banks and recorded notes, for the readers `soundfont` and `general_midi`."""
