"""What everything else stands on: command line, console, errors, files, registries and parallel work."""
