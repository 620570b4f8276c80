"""Labels clips by the pitches of their notes in place of the instruments that play them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kerasinst.core.errors import BadInput
from kerasinst.datasets.annotations import Note
from kerasinst.datasets.clip import Clip

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
"""Names of the pitch classes."""
BEGINS = " begins"
"""What stands behind the name of a pitch in the label of its notes' beginnings."""
BEGINNING_SECONDS = 0.04
"""Length of a note's beginning in seconds."""


def name(pitch: int) -> str:
    """Names a pitch.

    Args:
        pitch: MIDI number.

    Example:
        >>> name(69)
        'A4'
    """
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


PITCHES = {name(pitch): pitch for pitch in range(128)}
"""MIDI numbers by the names of pitches."""


def label_by_pitch(clips: Iterable[Clip]) -> list[Clip]:
    """Gives each note two labels: its pitch while it sounds, and its pitch and `BEGINS` while it begins.

    Notes without a pitch are left out.

    Args:
        clips: clips with notes.

    Raises:
        BadInput: if no clip has a note with a pitch.

    Example:
        >>> label_by_pitch([clip])[0].labels
        ('C4', 'C4 begins', 'G4', 'G4 begins')
    """
    labelled = []
    for clip in clips:
        notes = tuple(each for note in clip.notes if note.pitch is not None for each in _by_pitch(note, note.pitch))
        labels = sort_pitches({note.label for note in notes})
        labelled.append(replace(clip, labels=tuple(labels), notes=notes, unknown=()))
    if not any(clip.notes for clip in labelled):
        raise BadInput("dataset.label_by: pitch needs notes with pitches, and the data set has none")
    return labelled


def sort_pitches(labels: Iterable[str]) -> list[str]:
    """Sorts labels that `label_by_pitch` gave from low to high, those of beginnings last.

    Args:
        labels: the labels.
    """
    return sorted(labels, key=lambda label: (label.endswith(BEGINS), PITCHES[label.removesuffix(BEGINS)]))


def are_pitches(labels: Sequence[str]) -> bool:
    """Tells whether labels are those that `label_by_pitch` gives.

    Args:
        labels: labels of a model.
    """
    return all(label.removesuffix(BEGINS) in PITCHES for label in labels)


def _by_pitch(note: Note, pitch: int) -> tuple[Note, Note]:
    """Makes the two events of a note."""
    begun = min(note.end, note.start + BEGINNING_SECONDS)
    label = name(pitch)
    return note._replace(label=label), Note(note.start, begun, label + BEGINS, pitch)
