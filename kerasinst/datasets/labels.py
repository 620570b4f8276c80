"""Label maps: a study's own list of labels, from those of the data set."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kerasinst.datasets.clip import Clip
from kerasinst.errors import BadInput, suggest


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
