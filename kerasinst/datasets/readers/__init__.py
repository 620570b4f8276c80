"""Readers of data sets. There is one reader per file, found by the name of the file."""
