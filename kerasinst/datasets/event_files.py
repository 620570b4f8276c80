"""Reads files that say when each label sounds in a recording."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils
from kerasinst.datasets.annotations import Note

NAMESPACES = ("tag_", "segment_", "instrument")
"""Beginnings of the names of JAMS namespaces whose values are labels."""


def read(path: Path) -> tuple[Note, ...]:
    """Reads the events of a recording.

    Args:
        path: label track of Audacity (.txt), JAMS file (.jams), or table with the columns start, end and label (.csv).

    Returns:
        Events in the order of the file, with times in seconds.

    Raises:
        BadInput: if there is no such file, it is of another kind, or an event makes no sense.

    Example:
        >>> read(Path("song.txt"))[0]
        Note(start=0.5, end=2.0, label='cello', pitch=None)

    Source: the Audacity manual, "Importing and Exporting Labels"; Humphrey et al., JAMS: A JSON Annotated Music
        Specification for Reproducible MIR Research (ISMIR 2014).
    """
    if path.suffix.lower() not in _KINDS:
        raise BadInput(f"{path}: expected a label track of Audacity (.txt), .jams, or a table (.csv)")
    return _KINDS[path.suffix.lower()](path)


def event(start: Any, end: Any, *, label: str, where: str) -> Note:
    """Makes an event of its times and its label.

    Args:
        start: beginning in seconds, as a number or as text.
        end: end in seconds, as a number or as text.
        label: the label.
        where: place in a file, for messages.

    Raises:
        BadInput: if the times are no numbers from 0 up, the event ends before it starts, or it has no label.
    """
    try:
        times = float(start), float(end)
    except (TypeError, ValueError):
        times = (-1.0, -1.0)
    if not 0 <= times[0] < float("inf") or not 0 <= times[1] < float("inf"):
        raise BadInput(f"{where}: expected seconds from 0 up, but '{start}' to '{end}' was given")
    if times[1] < times[0]:
        raise BadInput(f"{where}: ends at {times[1]:g} s, before it starts at {times[0]:g} s")
    if not label.strip():
        raise BadInput(f"{where}: has no label")
    return Note(*times, label.strip())


def _audacity(path: Path) -> tuple[Note, ...]:
    """Reads a label track; lines that begin with a backslash give the frequencies of the line before."""
    events = []
    for number, line in enumerate(reader_utils.read_lines(path), start=1):
        if line and not line.startswith("\\"):
            cells = line.split("\t", 2)
            if len(cells) < 3:
                raise BadInput(f"{path}: line {number}: expected start, end and label, with tabs in between")
            events.append(event(*cells[:2], label=cells[2], where=f"{path}: line {number}"))
    return tuple(events)


def _table(path: Path) -> tuple[Note, ...]:
    """Reads a table with the columns start, end and label."""
    rows = reader_utils.read_table(path, ["start", "end", "label"]).to_dict("records")
    return tuple(
        event(row["start"], row["end"], label=row["label"], where=f"{path}: line {number}")
        for number, row in enumerate(rows, start=2)
    )


def _jams(path: Path) -> tuple[Note, ...]:
    """Reads the annotations of a JAMS file whose values are labels."""
    annotations = reader_utils.read_json(path).get("annotations")
    if not isinstance(annotations, list):
        raise BadInput(f"{path}: not a JAMS file: there are no annotations")
    found = [each for each in annotations if isinstance(each, dict)]
    named = [each for each in found if str(each.get("namespace", "")).startswith(NAMESPACES)]
    if not named:
        others = ", ".join(sorted({str(each.get("namespace")) for each in found})) or "none"
        raise BadInput(
            f"{path}: no annotation has labels (namespaces tag_*, segment_* or instrument*); found: {others}"
        )
    events = []
    for annotation in named:
        for number, row in enumerate(_observations(annotation.get("data"), path), start=1):
            where = f"{path}: {annotation['namespace']}, observation {number}"
            try:
                start, length, label = float(row["time"]), float(row["duration"]), str(row["value"])
            except (KeyError, TypeError, ValueError):
                raise BadInput(f"{where}: expected time, duration and value") from None
            events.append(event(start, start + length, label=label, where=where))
    return tuple(events)


def _observations(data: Any, path: Path) -> Iterable[dict[str, Any]]:
    """Lists observations, which JAMS stores as a list of them, or as a list of each of their parts."""
    if isinstance(data, dict):
        try:
            columns = {name: data[name] for name in ("time", "duration", "value")}
            return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        except (KeyError, TypeError, ValueError):
            raise BadInput(f"{path}: its observations lack time, duration or value") from None
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise BadInput(f"{path}: expected a list of observations")
    return data


_KINDS: dict[str, Callable[[Path], tuple[Note, ...]]] = {".txt": _audacity, ".jams": _jams, ".csv": _table}
"""Functions that read each kind of file, by suffix."""
