"""Holds the notes of a recording, and finds which labels sound in each frame."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Note(NamedTuple):
    """One note of a recording.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        label: label of the instrument that plays it.
        pitch: MIDI number.
    """

    start: float
    end: float
    label: str
    pitch: int


def activity(notes: Sequence[Note], labels: Sequence[str], *, n_frames: int, hop_seconds: float) -> np.ndarray:
    """Finds which labels sound in which frame.

    Frame `i` lasts from `i * hop_seconds` to `(i + 1) * hop_seconds`. A label sounds in it if one of its notes overlaps
    it. Notes of other labels are ignored.

    Args:
        notes: notes of a recording.
        labels: labels in the order of columns.
        n_frames: number of frames.
        hop_seconds: length of a frame in seconds.

    Returns:
        Booleans of shape `(n_frames, len(labels))`.

    Example:
        >>> activity([Note(0.0, 0.15, "oboe", 69)], ["cello", "oboe"], n_frames=3, hop_seconds=0.1)
        array([[False,  True],
               [False,  True],
               [False, False]])
    """
    sounds = np.zeros((n_frames, len(labels)), bool)
    column = {label: index for index, label in enumerate(labels)}
    for note in notes:
        if note.label in column and note.end > note.start:
            # rounded, so that a note which ends where a frame begins is not taken into it by a rounding error
            first = int(np.floor(round(note.start / hop_seconds, 6)))
            last = int(np.ceil(round(note.end / hop_seconds, 6)))
            sounds[max(0, first) : max(0, last), column[note.label]] = True
    return sounds
