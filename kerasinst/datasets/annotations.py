"""Holds the notes of a recording, and finds which labels sound in each frame."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TOLERANCE = 1e-6
"""Time in seconds that is no overlap, so that a note which ends where a frame begins is not taken into it."""


class Note(NamedTuple):
    """One note of a recording, or another event with a label.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        label: label of the instrument that plays it.
        pitch: MIDI number, or None if it is unknown.
    """

    start: float
    end: float
    label: str
    pitch: int | None = None


def shares(notes: Sequence[Note], labels: Sequence[str], *, starts: np.ndarray, seconds: float) -> np.ndarray:
    """Finds in which share of each frame each label sounds. Notes of other labels are ignored.

    Args:
        notes: notes of a recording; those of one label may overlap.
        labels: labels in the order of columns.
        starts: beginning of each frame in seconds, `(frames,)`.
        seconds: length of a frame in seconds.

    Returns:
        Shares from 0 to 1, float32 of shape `(frames, len(labels))`.

    Example:
        >>> shares([Note(0.0, 0.15, "oboe")], ["cello", "oboe"], starts=np.array([0.0, 0.1]), seconds=0.1)
        array([[0. , 1. ],
               [0. , 0.5]], dtype=float32)
    """
    found = np.zeros((len(starts), len(labels)), np.float32)
    for column, label in enumerate(labels):
        of_label = sorted((note.start, note.end) for note in notes if note.label == label and note.end > note.start)
        if of_label:
            times, sounding = _sounding_time(of_label)
            before, after = (np.interp(at, times, sounding) for at in (starts, starts + seconds))
            found[:, column] = np.where(after - before > TOLERANCE, np.minimum((after - before) / seconds, 1), 0)
    return found


def _sounding_time(spans: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Joins spans that overlap; gives times, and for how long something has sounded until each of them."""
    joined: list[list[float]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([start, end])
    edges = np.array(joined)
    until = np.r_[0, np.cumsum(edges[:, 1] - edges[:, 0])]
    return edges.ravel(), np.stack([until[:-1], until[1:]], axis=1).ravel()


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
    return shares(notes, labels, starts=np.arange(n_frames) * hop_seconds, seconds=hop_seconds) > 0
