"""Run directories: the files through which verbs talk to each other."""

from kerasinst.runs.run import Run

__all__ = ["Run"]
