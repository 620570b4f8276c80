"""Labels in one form of Unicode, labels that cannot be used, and label maps."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kerasinst.core.errors import BadInput, suggest
from kerasinst.datasets.clip import Clip

RESERVED = ("clip", "group", "labels", "split")
"""Columns of the tables of results, which also have a column for each label."""


def normal(label: str) -> str:
    """The same label in Unicode's form C, where "ö" is one character; Apple's file systems store two, an "o" and dots.

    Example:
        >>> normal("Flo\u0308te") == "Flöte"
        True
    """
    return unicodedata.normalize("NFC", label)


def normalised(clip: Clip) -> Clip:
    """The clip with all of its labels in the normal form."""
    named = {*clip.labels, *clip.unknown, *(note.label for note in clip.notes)}
    if all(unicodedata.is_normalized("NFC", label) for label in named):
        return clip
    labels, unknown = (tuple(dict.fromkeys(map(normal, each))) for each in (clip.labels, clip.unknown))
    notes = tuple(note._replace(label=normal(note.label)) for note in clip.notes)
    return replace(clip, labels=labels, unknown=unknown, notes=notes)


def refuse_unusable(labels: Iterable[str]) -> None:
    """Refuses labels that tables of results, or files with one label a line, cannot hold.

    Raises:
        BadInput: naming the label.
    """
    for label in labels:
        if not _seen(label):
            raise BadInput("a label is empty; name it with dataset.label_map, or leave it out of dataset.labels")
        if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in label):
            raise BadInput(
                f"the label {label!r} holds a line break or another control character, and labels.txt has one label a "
                "line; rename it, or map it to another with dataset.label_map"
            )
        if "|" in label or label in RESERVED:
            raise BadInput(f"a label cannot be called '{label}', since tables of results use that; rename it")


def _seen(label: str) -> str:
    """What people see of a label: no case, no spaces around it, no characters without a width."""
    visible = "".join(each for each in label if unicodedata.category(each) != "Cf")
    return " ".join(visible.casefold().split())


def twins(labels: Iterable[str]) -> list[str]:
    """One sentence for each set of labels that differ in case, spaces or invisible characters alone.

    Example:
        >>> twins(["Cello", "cello ", "flute"])
        ["the labels 'Cello', 'cello ' look the same but for case or spaces; ..."]
    """
    alike: dict[str, list[str]] = {}
    for label in sorted(labels):
        alike.setdefault(_seen(label), []).append(label)
    return [
        f"the labels {', '.join(map(repr, same))} look the same but for case or spaces; if they are one, join them "
        "with dataset.label_map"
        for same in alike.values()
        if len(same) > 1
    ]


def relabel(clips: Sequence[Clip], names: Mapping[str, str | None]) -> list[Clip]:
    """Renames, joins and drops labels, in clips and in their notes.

    Args:
        clips: as a reader gave them.
        names: new name of each label to change; None drops it. Labels that are not named stay. A clip all of whose
            labels are dropped is left out.

    Raises:
        BadInput: if a label to change does not occur.

    Example:
        >>> relabel(clips, {"cel": "cello", "gac": "guitar", "gel": "guitar", "voi": None})
    """
    known = {label for clip in clips for label in (*clip.labels, *clip.unknown)}
    for label in names:
        if label not in known:
            raise BadInput(f"dataset.label_map: the data set has no label '{label}'; {suggest(label, known)}")
    renamed = []
    for clip in clips:
        labels = _mapped(clip.labels, names)
        if labels or not clip.labels:
            unknown = tuple(label for label in _mapped(clip.unknown, names) if label not in labels)
            notes = tuple(
                note._replace(label=names.get(note.label, note.label))
                for note in clip.notes
                if names.get(note.label, note.label) is not None
            )
            renamed.append(replace(clip, labels=labels, unknown=unknown, notes=notes))
    return renamed


def _mapped(labels: Sequence[str], names: Mapping[str, str | None]) -> tuple[str, ...]:
    """New names, each once, in order."""
    return tuple(dict.fromkeys(new for label in labels if (new := names.get(label, label)) is not None))
