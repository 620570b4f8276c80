"""Normalises labels, refuses labels that cannot be used, and applies label maps."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kerasinst.core.errors import BadInput, suggest
from kerasinst.datasets.clip import Clip

RESERVED = ("clip", "group", "labels", "split", "whole", "unjudged", "reported")
"""Labels that are refused, since tables of results have columns of these names and one for each label."""


def normal(label: str) -> str:
    """Converts a label to Unicode's form C, in which "ö" is one character.

    Apple's file systems store two characters, an "o" and its dots.

    Example:
        >>> normal("Flo\u0308te") == "Flöte"
        True
    """
    return unicodedata.normalize("NFC", label)


def normalised(clip: Clip) -> Clip:
    """Normalises all labels of a clip, those of its notes included."""
    named = {*clip.labels, *clip.unknown, *(note.label for note in clip.notes)}
    if all(unicodedata.is_normalized("NFC", label) for label in named):
        return clip
    labels, unknown = (tuple(dict.fromkeys(map(normal, each))) for each in (clip.labels, clip.unknown))
    notes = tuple(note._replace(label=normal(note.label)) for note in clip.notes)
    return replace(clip, labels=labels, unknown=unknown, notes=notes)


def refuse_unusable(labels: Iterable[str]) -> None:
    """Refuses labels that cannot be written to tables of results or to files with one label per line.

    Args:
        labels: labels of a data set.

    Raises:
        BadInput: if a label is empty or reserved, or holds "|" or a control character.
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
    """Reduces a label to what people see: no case, no extra spaces, no characters without a width."""
    visible = "".join(each for each in label if unicodedata.category(each) != "Cf")
    return " ".join(visible.casefold().split())


def twins(labels: Iterable[str]) -> list[str]:
    """Finds labels that differ only in case, spaces or invisible characters.

    Args:
        labels: labels of a data set.

    Returns:
        One sentence for each set of labels that look the same.

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
        clips: clips of a data set.
        names: new name of each label that changes; None drops the label. Labels that are not named stay as they are.

    Returns:
        Clips with the new labels, without those all of whose labels were dropped.

    Raises:
        BadInput: if a label that is to change does not occur.

    Example:
        >>> clips = relabel(clips, {"cel": "cello", "gac": "guitar", "gel": "guitar", "voi": None})
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
                note._replace(label=new)
                for note in clip.notes
                if (new := names.get(note.label, note.label)) is not None
            )
            renamed.append(replace(clip, labels=labels, unknown=unknown, notes=notes))
    return renamed


def refuse_unknown_kinds(coarse: Mapping[str, str], labels: Sequence[str]) -> None:
    """Refuses coarse labels of labels that are not there.

    Args:
        coarse: coarse label of each label that is a kind of one.
        labels: labels of the data set or the model.

    Raises:
        BadInput: naming the first such label.
    """
    for label in coarse:
        if label not in labels:
            raise BadInput(f"dataset.coarse_labels: there is no label '{label}'; {suggest(label, labels)}")


def at_most(clips: Iterable[Clip], count: int) -> list[Clip]:
    """Leaves out clips so that no label has more than a number of them.

    Which ones stay depends on their names alone, so that a data set that grows keeps most of them.

    Args:
        clips: clips of a data set.
        count: largest number of clips of each label.

    Returns:
        Clips in their order.

    Example:
        >>> len(at_most(clips, 2400))
        9600
    """
    clips = list(clips)
    counts: Counter[str] = Counter()
    kept = set()
    for clip in sorted(clips, key=lambda clip: hashlib.sha256(clip.name.encode("utf-8", "surrogateescape")).digest()):
        if all(counts[label] < count for label in clip.labels):
            counts.update(clip.labels)
            kept.add(clip.name)
    return [clip for clip in clips if clip.name in kept]


def _mapped(labels: Sequence[str], names: Mapping[str, str | None]) -> tuple[str, ...]:
    """Gives the new names of labels, each once, in order."""
    return tuple(dict.fromkeys(new for label in labels if (new := names.get(label, label)) is not None))
