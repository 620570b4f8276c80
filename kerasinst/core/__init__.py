"""Holds what all other packages use: command line, console, errors, files, registries and parallel work."""
