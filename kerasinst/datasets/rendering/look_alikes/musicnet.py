"""MusicNet: chamber music of one to five of its instruments, with every note, as the reader `ensembles` renders it."""

from pathlib import Path

from kerasinst.core.progress import Progress, silent
from kerasinst.datasets.rendering import ensembles, soundbank

PIECES, SECONDS, SAMPLE_RATE = 100, 30.0, 22050
"""Number of pieces, their length, and sample rate in Hz."""


def render(folder: Path, *, progress: Progress = silent) -> None:
    """Writes the folders of audio and labels and the table of pieces.

    Args:
        folder: existing folder.
        progress: shows how many pieces are rendered.
    """
    banks = soundbank.named(None)
    ensembles.render(folder, ensembles.Ensembles(PIECES, SECONDS, SAMPLE_RATE, 5, banks, banks), progress=progress)
