"""A table of recordings: any collection, described by one CSV file.

Layout:  manifest.csv, or any .csv file that --data names, with the columns path and labels (several joined by |), and,
         where wanted, group, start, end (in seconds) and split (train, validation or test). Paths count from the
         folder of the table and stay inside it, unless `allow_outside` is set.
Groups:  the column group, else the file, whatever names and links lead to it.
"""

import math
from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import get_args

from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip, SplitName

CITATION = "None: the recordings are your own."
LICENSE = "Your own."


def read(path: Path | None, *, allow_outside: bool = False) -> list[Clip]:
    """Reads a table of recordings.

    Args:
        path: a CSV file, or a folder with a manifest.csv.
        allow_outside: let the table name files outside its own folder.

    Raises:
        BadInput: if the table cannot be read, or a row of it makes no sense; the row is named.
    """
    if path is None or not path.is_file():
        path = reader_utils.folder(path, "manifest") / "manifest.csv"
        if not path.is_file():
            raise reader_utils.unlike(path.parent, "manifest.csv")
    rows = reader_utils.read_table(path, ["path"])
    labels = next((column for column in ("labels", "label") if column in rows), None)
    if labels is None:
        raise BadInput(f"{path}: there is no column 'labels'; found {', '.join(rows.columns)[:200]}")
    for column in (labels, "group", "start", "end", "split"):
        if column in rows:
            reader_utils.check_cells(path, rows, column=column)
    names = rows.path.str.replace("\\", "/")
    twice = set(names[names.duplicated()])
    clips, files = [], []
    for number, (name, row) in enumerate(zip(names, rows.to_dict("records"), strict=True), start=2):
        where = f"{path}: line {number}"
        if not name.strip():
            raise BadInput(f"{where}: the path is empty")
        file = Path(path.parent, name) if allow_outside else reader_utils.inside(path.parent, name, source=path)
        start, end = _seconds(row, "start", where), _seconds(row, "end", where)
        if start is not None and end is not None and end <= start:
            raise BadInput(f"{where}: ends at {end} s, before it starts at {start} s")
        if row.get("split") and row["split"] not in get_args(SplitName):
            raise BadInput(f"{where}: split: expected {', '.join(get_args(SplitName))}, but '{row['split']}' was given")
        of_clip = tuple(dict.fromkeys(label.strip() for label in row[labels].split("|") if label.strip()))
        if not of_clip:
            raise BadInput(f"{where}: '{name}' has no label")
        part = f"@{start or 0:g}" if name in twice else ""
        group, split = row.get("group", ""), row.get("split") or None
        clips.append(Clip(f"{name}{part}", file, of_clip, group, start, end, split=split))
        files.append(_identity(file))
    clips = _named_apart(clips)
    if len({clip.name for clip in clips}) < len(clips):
        raise BadInput(f"{path}: a path stands there twice with the same start; remove one, or give them other starts")
    return _grouped(clips, files)


def _named_apart(clips: list[Clip]) -> list[Clip]:
    """The clips with all digits of their starts in names that are the same without them."""
    count = Counter(clip.name for clip in clips)
    return [
        replace(clip, name=f"{clip.name.rpartition('@')[0]}@{clip.start or 0:.15g}") if count[clip.name] > 1 else clip
        for clip in clips
    ]


def _grouped(clips: list[Clip], files: list[Hashable]) -> list[Clip]:
    """The clips with the groups of the table; where it gives none, that of another part of the file, or its own."""
    group_of: dict[Hashable, str] = {}
    for clip, file in zip(clips, files, strict=True):
        if clip.group:
            group_of.setdefault(file, clip.group)
    return [
        clip if clip.group else replace(clip, group=group_of.setdefault(file, clip.name.partition("@")[0]))
        for clip, file in zip(clips, files, strict=True)
    ]


def _identity(file: Path) -> Hashable:
    """What all names of a file have in common: `x.wav`, `./x.wav` and links to it."""
    try:
        status = file.stat()
    except (OSError, ValueError):  # missing, or a name that no file can have
        return str(file)
    return status.st_dev, status.st_ino


def _seconds(row: dict[str, str], column: str, where: str) -> float | None:
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
