"""Opens what plays notes: sound banks (.sf2) and folders of recorded notes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from kerasinst.datasets.rendering.recorded_notes import RecordedNotesPlayer
from kerasinst.datasets.rendering.synthesis import Note, SoundBankPlayer


class Player(Protocol):
    """Plays General MIDI programs."""

    sample_rate: int

    def plays(self, program: int) -> bool:
        """Says whether there is a sound for a program."""
        ...

    def play(self, program: int, notes: Sequence[Note], *, seconds: float) -> np.ndarray:
        """Plays notes; float32 samples of shape `(samples,)`."""
        ...


def open_bank(bank: Path, sample_rate: int, *, programs: Mapping[str, int]) -> Player:
    """Opens a sound bank, or a folder of recorded notes.

    Args:
        bank: .sf2 file, or folder with a folder of recorded notes for each instrument (see `RecordedNotesPlayer`).
        sample_rate: sample rate of what is played in Hz.
        programs: General MIDI program of each instrument, by its name.

    Raises:
        BadInput: if it cannot be played.
    """
    return (
        RecordedNotesPlayer(sample_rate, bank, programs=programs)
        if bank.is_dir()
        else SoundBankPlayer(sample_rate, bank)
    )
