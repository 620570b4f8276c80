"""Turns what a network of pitches hears into notes, and gives each note an instrument."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.datasets.pitches import BEGINS, PITCHES, are_pitches
from kerasinst.experiment.locations import EXPERIMENTS
from kerasinst.models.tagger import Tagger
from kerasinst.models.timeline import Timeline

PACKAGED = EXPERIMENTS / "notes.tflite"
"""The network of pitches that comes with kerasinst; `experiments/tagger.py` makes it."""
SHORTEST = 0.05
"""Length in seconds of the shortest note."""
ATTACK = 0.06
"""Time in seconds within which a note sounds after its beginning is heard."""
RANGES = {
    "piano": (21, 108), "harpsichord": (29, 89), "violin": (55, 103), "viola": (48, 91), "cello": (36, 84),
    "bass": (23, 67), "horn": (34, 77), "oboe": (58, 93), "bassoon": (34, 76), "clarinet": (50, 94), "flute": (59, 98),
}  # fmt: skip
"""Lowest and highest MIDI numbers of MusicNet's instruments (Piston, Orchestration, 1955); others may play anything."""
CHORDS = ("piano", "harpsichord", "organ", "guitar", "harp", "accordion")
"""Instruments that often play several notes at once."""


class HeardNote(NamedTuple):
    """A note that was heard.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        pitch: MIDI number.
        score: mean score of its frames.
        instrument: label of the instrument that plays it, or None if nobody knows.
    """

    start: float
    end: float
    pitch: int
    score: float
    instrument: str | None = None


class Transcriber:
    """Hears the notes of recordings with a network of pitches.

    Args:
        path: path of a model that was trained with `dataset.label_by: pitch`, as `Tagger` takes it; None is the one
            that comes with kerasinst.

    Raises:
        BadInput: if there is no model that can be loaded, or it hears no notes.

    Example:
        >>> _, instruments = tagger.listen("song.wav")
        >>> Transcriber()("song.wav", instruments=instruments)[0]
        HeardNote(start=0.02, end=0.5, pitch=69, score=0.91, instrument='oboe')
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.tagger = Tagger(path or PACKAGED)
        labels = self.tagger.labels
        if not are_pitches(labels):
            raise BadInput(f"{path}: hears {labels[0]!r} and no notes; train a model with dataset.label_by=pitch")

    def __call__(self, source: str | Path, *, instruments: Timeline, transpose: int = 0) -> list[HeardNote]:
        """Hears the notes of a recording, and gives each the instrument that plays it.

        Args:
            source: path of the recording.
            instruments: what sounds when in it.
            transpose: number of semitones by which notes are shifted.

        Raises:
            AudioError: as `Tagger` does.
        """
        heard = notes_of(self.tagger.listen(source)[1])
        return transposed(with_instruments(heard, instruments), transpose)


def notes_of(heard: Timeline) -> list[HeardNote]:
    """Joins frames to notes. A note begins where its beginning is reported, and lasts while its pitch is.

    Args:
        heard: scores of a network that was trained with `dataset.label_by: pitch`.

    Returns:
        Notes in the order of time.

    Source: Hawthorne et al., Onsets and Frames: Dual-Objective Piano Transcription (ISMIR, 2018).

    Example:
        >>> notes_of(Tagger("runs/notes").listen("song.wav")[1])[0]
        HeardNote(start=0.02, end=0.5, pitch=69, score=0.91, instrument=None)
    """
    column = {label: index for index, label in enumerate(heard.labels)}
    found = [
        note
        for label, index in column.items()
        if not label.endswith(BEGINS) and label + BEGINS in column
        for note in _of_pitch(heard, PITCHES[label], index, column[label + BEGINS])
    ]
    return sorted(found)


def _of_pitch(heard: Timeline, pitch: int, sounds: int, begins: int) -> Iterator[HeardNote]:
    """Yields the notes of one pitch, whose scores stand in two columns."""
    sounding, begun = heard.sounding[:, sounds], heard.sounding[:, begins]
    firsts = np.flatnonzero(begun & ~np.r_[False, begun[:-1]])
    for first, following in zip(firsts, np.r_[firsts, len(sounding)][1:], strict=True):
        attack = int(np.searchsorted(heard.starts, heard.starts[first] + ATTACK))
        by = min(max(first + 1, attack), following)
        if not sounding[first:by].any():
            continue
        held = first + int(sounding[first:by].argmax())
        silent = held + np.flatnonzero(~sounding[held:following])
        last = int(silent[0]) if len(silent) else int(following)
        start, end = float(heard.starts[first]), float(heard.ends[last - 1])
        if end - start >= SHORTEST - 1e-6:
            score = float(heard.scores[held:last, sounds].mean())
            yield HeardNote(round(start, 3), round(end, 3), pitch, round(score, 4))


def with_instruments(notes: Sequence[HeardNote], heard: Timeline) -> list[HeardNote]:
    """Gives each note the instrument that plays it.

    It is the one with the highest mean score over the note, among those that are reported meanwhile and can play the
    pitch. An instrument that plays single notes is passed over while it plays another one, if a further one is there.

    Args:
        notes: notes in the order of time.
        heard: scores of instruments in the same recording.

    Returns:
        The notes; those during which no instrument is reported have none.
    """
    busy_until = dict.fromkeys(heard.labels, -np.inf)
    given = []
    for note in notes:
        rows = (heard.ends > note.start) & (heard.starts < note.end)
        chosen = _instrument(note, heard, rows, busy_until) if rows.any() else None
        if chosen:
            busy_until[chosen] = note.end - SHORTEST
        given.append(note._replace(instrument=chosen))
    return given


def _instrument(note: HeardNote, heard: Timeline, rows: np.ndarray, busy_until: Mapping[str, float]) -> str | None:
    """Chooses the instrument of a note."""
    scores = heard.scores[rows].mean(axis=0)
    reported = heard.sounding[rows].any(axis=0)

    def rank(index: int) -> tuple[bool, float]:
        label = heard.labels[index]
        free = label in CHORDS or busy_until[label] <= note.start
        return free, float(scores[index])

    ranges = [RANGES.get(label, (0, 127)) for label in heard.labels]
    able = [index for index, (low, high) in enumerate(ranges) if reported[index] and low <= note.pitch <= high]
    return heard.labels[max(able, key=rank)] if able else None


def transposed(notes: Sequence[HeardNote], semitones: int) -> list[HeardNote]:
    """Shifts notes by semitones, and leaves out those that leave the range of MIDI.

    Args:
        notes: the notes.
        semitones: number of semitones, negative for down.
    """
    moved = [note._replace(pitch=note.pitch + semitones) for note in notes]
    return [note for note in moved if 0 <= note.pitch <= 127]
