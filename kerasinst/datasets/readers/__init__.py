"""Data sets: one reader a file, found by the name of the file."""
