"""A table of recordings: any collection, described by one CSV file.

Layout:  manifest.csv, or any .csv file that --data names, with the columns path and labels (several joined by |), and,
         if wanted, group, start, end (in seconds) and split (train, validation or test). Paths are relative to the
         folder of the table and stay inside it, unless `allow_outside` is set.
         Who plays when: a column `annotations` names a file for each recording, which says when each label sounds: a
         label track of Audacity (.txt), JAMS (.jams), or a table with the columns start, end and label (.csv). Or, with
         `rows: events`, each row of the table itself is an event with path, start, end and label.
Groups:  the column group; without it, each file is a group, even if several names and links lead to it.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from kerasinst.core.errors import BadInput
from kerasinst.datasets import event_files, reader_utils
from kerasinst.datasets.annotations import Note
from kerasinst.datasets.clip import Clip, SplitName

CITATION = "None: the recordings are your own."
LICENSE = "Your own."

SPLIT_NAMES: tuple[SplitName, ...] = get_args(SplitName)
"""Values of the column `split`."""


def read(path: Path | None, *, allow_outside: bool = False, rows: Literal["clips", "events"] = "clips") -> list[Clip]:
    """Reads a table of recordings.

    Args:
        path: CSV file, or a folder with a manifest.csv.
        allow_outside: let the table name files outside of its own folder.
        rows: what a row of the table is: a clip, or an event with the columns path, start, end and label, of which a
            recording has any number.

    Returns:
        Clips; one whose annotations cannot be read is a clip with a problem.

    Raises:
        BadInput: if the table cannot be read, or a row of it makes no sense; the message names the row.
    """
    reader_utils.check_choice("rows", rows, allowed=["clips", "events"])
    if path is None or not path.is_file():
        path = reader_utils.folder(path, "manifest") / "manifest.csv"
        if not path.is_file():
            raise reader_utils.unlike(path.parent, "manifest.csv")
    table = _rows(path, events=rows == "events")

    def within(name: str, where: str) -> Path:
        if not name.strip():
            raise BadInput(f"{where}: the path is empty")
        return Path(path.parent, name) if allow_outside else reader_utils.inside(path.parent, name, source=path)

    if rows == "events":
        clips = _of_events(table, within, path)
    else:
        counts = Counter(row["path"] for row in table)
        clips = []
        for number, row in enumerate(table, start=2):
            where = f"{path}: line {number}"
            clip = _clip(row, within(row["path"], where), where, counts[row["path"]] > 1)
            clips.append(_annotated(clip, within(row["annotations"], where)) if row.get("annotations") else clip)
    clips = _named_apart(clips)
    if len({clip.name for clip in clips}) < len(clips):
        raise BadInput(f"{path}: a path stands there twice with the same start; remove one, or give them other starts")
    return _grouped(clips, [_identity(clip.path) for clip in clips])


def _of_events(table: list[dict[str, str]], within: Callable[[str, str], Path], path: Path) -> list[Clip]:
    """Makes a clip of each recording, with the events of its rows; a row without a label says that nothing sounds."""
    of_recording: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in enumerate(table, start=2):
        of_recording.setdefault(row["path"], []).append((number, row))
    clips = []
    for name, numbered in of_recording.items():
        first, row = numbered[0]
        where = f"{path}: line {first}"
        facts: dict[str, str] = {column: row[column] for column in ("path", "group", "split") if column in row}
        clip = _clip({**facts, "labels": ""}, within(name, where), where, False, bare=True)
        notes: list[Note] = []
        problem = None
        try:
            for number, each in numbered:
                for column in ("group", "split"):
                    if each.get(column) != row.get(column):
                        raise BadInput(
                            f"{path}: line {number}: {column} is '{each[column]}', but '{row[column]}' in line {first} "
                            f"of the same recording"
                        )
                if each["labels"].strip():
                    notes.append(
                        event_files.event(
                            each["start"], each["end"], label=each["labels"], where=f"{path}: line {number}"
                        )
                    )
        except BadInput as error:
            problem = str(error)
        clips.append(_with_notes(replace(clip, problem=problem), tuple(notes)))
    return clips


def _annotated(clip: Clip, file: Path) -> Clip:
    """Adds the events of a file to a clip."""
    try:
        return _with_notes(clip, event_files.read(file))
    except BadInput as error:
        return replace(clip, problem=str(error))


def _with_notes(clip: Clip, notes: tuple[Note, ...]) -> Clip:
    """Adds events to a clip, and their labels to its own; times are counted from the start of the clip."""
    start = clip.start or 0.0
    moved = tuple(note._replace(start=note.start - start, end=note.end - start) for note in notes)
    end = math.inf if clip.end is None else clip.end - start
    heard = [note.label for note in moved if note.end > max(note.start, 0.0) and note.start < end]
    return replace(clip, labels=tuple(dict.fromkeys([*clip.labels, *heard])), notes=moved)


def _rows(table: Path, *, events: bool) -> list[dict[str, str]]:
    """Reads the rows of a table, with forward slashes in `path` and the labels in `labels`."""
    rows = reader_utils.read_table(table, ["path", "start", "end"] if events else ["path"])
    labels = next((column for column in ("labels", "label") if column in rows), None)
    if labels is None and "annotations" in rows and not events:
        labels, rows = "labels", rows.assign(labels="")
    if labels is None:
        raise BadInput(f"{table}: there is no column 'labels'; found {', '.join(rows.columns)[:200]}")
    for column in (labels, "group", "start", "end", "split", "annotations"):
        if column in rows:
            reader_utils.check_cells(table, rows, column=column)
    rows = rows.assign(path=rows.path.str.replace("\\", "/"), labels=rows[labels])
    return [{str(column): cell for column, cell in row.items()} for row in rows.to_dict("records")]


def _clip(row: dict[str, str], file: Path, where: str, names_start: bool, bare: bool = False) -> Clip:
    """Makes the clip of a row, with its start in the name if the file has several rows, and maybe without labels."""
    start, end = _seconds(row, "start", where), _seconds(row, "end", where)
    if start is not None and end is not None and end <= start:
        raise BadInput(f"{where}: ends at {end} s, before it starts at {start} s")
    named = row.get("split") or None
    split = next((name for name in SPLIT_NAMES if name == named), None)
    if named != split:
        raise BadInput(f"{where}: split: expected {', '.join(SPLIT_NAMES)}, but '{named}' was given")
    labels = tuple(dict.fromkeys(label.strip() for label in row["labels"].split("|") if label.strip()))
    if not labels and not bare and not row.get("annotations"):
        raise BadInput(f"{where}: '{row['path']}' has no label")
    part = f"@{start or 0:g}" if names_start else ""
    return Clip(f"{row['path']}{part}", file, labels, row.get("group", ""), start, end, split=split)


def _named_apart(clips: list[Clip]) -> list[Clip]:
    """Writes all digits of their starts into the names of clips that would have the same name."""
    count = Counter(clip.name for clip in clips)
    return [
        replace(clip, name=f"{clip.name.rpartition('@')[0]}@{clip.start or 0:.15g}") if count[clip.name] > 1 else clip
        for clip in clips
    ]


def _grouped(clips: list[Clip], files: list[Hashable]) -> list[Clip]:
    """Gives clips without a group in the table that of another part of the same file, or one of their own."""
    group_of: dict[Hashable, str] = {}
    for clip, file in zip(clips, files, strict=True):
        if clip.group:
            group_of.setdefault(file, clip.group)
    return [
        clip if clip.group else replace(clip, group=group_of.setdefault(file, clip.name.partition("@")[0]))
        for clip, file in zip(clips, files, strict=True)
    ]


def _identity(file: Path) -> Hashable:
    """Identifies a file under all of its names, such as `x.wav`, `./x.wav` and links to it."""
    try:
        status = file.stat()
    except (OSError, ValueError):  # missing, or a name that no file can have
        return str(file)
    return status.st_dev, status.st_ino


def _seconds(row: dict[str, str], column: str, where: str) -> float | None:
    """Reads a time in seconds; None if the cell is empty or missing."""
    text = row.get(column, "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise BadInput(f"{where}: {column}: expected seconds from 0 up, but '{text}' was given")
    return seconds
