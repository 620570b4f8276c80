"""Rendering music with a sound bank: what `soundfont` reads is made here."""
