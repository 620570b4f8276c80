"""Finds the folders of published layouts and reads their tables, with helpful errors; all readers share this."""

import json
import os
import warnings
from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kerasinst import audio
from kerasinst.core.errors import BadInput, printable
from kerasinst.datasets.clip import Clip


def folder(path: Path | None, reader: str) -> Path:
    """Checks the folder of a data set, and gives it.

    Args:
        path: folder, or None.
        reader: name of the reader, for the message.

    Raises:
        BadInput: if none was given, or it is not there.
    """
    if path is None:
        raise BadInput(f"dataset.path: reader '{reader}' needs the folder of the data set; give it with --data DIR")
    if not path.is_dir():
        raise BadInput(f"{path}: no such folder; point --data at the folder of the data set")
    return path


def unlike(path: Path, expected: str) -> BadInput:
    """Makes an error that says what was expected in a folder, and what was found there."""
    found = ", ".join(sorted(item.name for item in path.iterdir() if not item.name.startswith("."))[:6]) or "nothing"
    return BadInput(f"{path}: expected {expected}; found: {found}. Point --data at the folder that holds it")


def nested(path: Path, folders: Sequence[str], *, wanted: Sequence[str]) -> Path:
    """Finds the folder with certain files: the given one, or the first one of its sub-folders.

    Args:
        path: folder of the data set.
        folders: sub-folders that may hold the files.
        wanted: files and folders that must all be there.

    Raises:
        BadInput: if no folder holds them.
    """
    for root in (path, *(path / name for name in folders)):
        if all((root / name).exists() for name in wanted):
            return root
    raise unlike(path, ", ".join(wanted))


def check_choice(option: str, value: Any, *, allowed: Sequence[str]) -> None:
    """Refuses a value of a reader's option that is not allowed.

    Args:
        option: name of the option.
        value: its value.
        allowed: allowed values.

    Raises:
        BadInput: if the value is not among them.
    """
    if value not in allowed:
        raise BadInput(f"dataset.{option}: expected {', '.join(allowed)}, but '{value}' was given")


def read_table(file: Path, columns: Sequence[str] = (), **options: Any) -> pd.DataFrame:
    """Reads a CSV file in UTF-8 with every cell as text, and refuses rows that are too long or torn.

    Args:
        file: path of the table.
        columns: columns that must be there once, without line breaks in their cells.
        **options: options of `pandas.read_csv`.

    Returns:
        The table, with empty strings for empty cells.

    Raises:
        BadInput: if the file is missing, is no table, or lacks a column.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row with more cells than columns
            defaults: dict[str, Any] = {"dtype": str, "keep_default_na": False, "index_col": False}
            rows: pd.DataFrame = pd.read_csv(file, **{**defaults, "encoding": "utf-8-sig", **options})  # Excel's UTF-8
        if b"\0" in file.read_bytes():  # pandas would cut the cell there
            raise ValueError("it holds NUL bytes; save it as UTF-8")
    except FileNotFoundError:
        raise BadInput(f"{file}: no such file") from None
    except (ValueError, OSError, pd.errors.ParserWarning) as error:
        raise BadInput(f"{file}: not a CSV table: {' '.join(str(error).split())}") from None
    for column in columns:
        if column not in rows:
            raise BadInput(f"{file}: there is no column '{column}'; found {', '.join(map(str, rows.columns))[:200]}")
        check_cells(file, rows, column=column)
    return rows


def read_lines(file: Path) -> list[str]:
    """Reads the lines of a text file in UTF-8, and strips them.

    Raises:
        BadInput: if the file is missing or is no text.
    """
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except FileNotFoundError:
        raise BadInput(f"{file}: no such file") from None
    except (UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{file}: not a text file: {error}") from None


def numbers(file: Path, rows: pd.DataFrame, *, column: str, whole: bool = False, first_line: int = 2) -> np.ndarray:
    """Converts a column of a table to numbers, which must not be negative.

    Args:
        file: path of the table, for the message.
        rows: the table, as `read_table` gives it.
        column: name of the column.
        whole: refuse fractions.
        first_line: line number of the first row in the file, for the message.

    Returns:
        Floats of shape `(rows,)`.

    Raises:
        BadInput: if a cell is not such a number.
    """
    values = pd.to_numeric(rows[column], errors="coerce").to_numpy(float)
    right = np.isfinite(values) & (values >= 0)
    if whole:
        right &= values == np.floor(values)
    if not right.all():
        row = int(np.argmin(right))
        kind = "a whole number" if whole else "a number"
        given = f"but '{rows[column].iloc[row][:100]}' was given"
        raise BadInput(f"{file}: line {row + first_line}: {column}: expected {kind} from 0 up, {given}")
    return values


def check_cells(file: Path, rows: pd.DataFrame, *, column: str) -> None:
    """Refuses a column that occurs twice, and cells with line breaks, which a missing quote causes.

    Args:
        file: path of the table, for the message.
        rows: the table, as `read_table` gives it.
        column: name of the column.

    Raises:
        BadInput: if something is wrong with the column.
    """
    if f"{column}.1" in rows:  # so pandas calls the second one
        raise BadInput(f"{file}: there are two columns '{column}'")
    for cell in rows[column]:
        if isinstance(cell, str) and ("\n" in cell or "\r" in cell):
            raise BadInput(f"{file}: '{cell[:60]}' in column '{column}' holds a line break; is a quote missing?")


def unlabelled(root: Path, folder: Path, *, known: Container[Path], table: Path) -> list[Clip]:
    """Finds recordings that no row of a table names.

    Args:
        root: folder of the data set, from which names of clips are counted.
        folder: folder of the recordings.
        known: files that have a row.
        table: path of the table, for the message.

    Returns:
        Clips with a problem, to be reported.
    """
    return [
        Clip(name := relative(file, root), file, (), name, problem=f"has no row in {table.name}")
        for file in audio.files(folder)
        if file not in known
    ]


def relative(file: Path, root: Path) -> str:
    """Gives the name of a clip: its path in the data set, with forward slashes."""
    return printable(file.relative_to(root).as_posix())


def overlooked(root: Path) -> list[str]:
    """Lists what the reader of a tree of folders leaves out.

    Args:
        root: folder of the data set.

    Returns:
        One sentence for each folder without audio, one for audio files outside of folders, and one for other files.

    Example:
        >>> overlooked(Path("recordings"))
        ['triangle: no audio in this folder', 'files of other kinds are left out: 12 (.txt 11, .mid 1)']
    """
    folders: list[Path] = []
    unreadable: list[Path] = []
    sounding = {root}
    kinds: Counter[str] = Counter()
    outside = 0
    for folder, names in audio.walk(root, on_unreadable=unreadable.append):
        folders.append(folder)
        recordings = sum(map(audio.is_audio, names))
        kinds.update(os.path.splitext(name)[1].lower() or "no suffix" for name in names if not audio.is_audio(name))
        if folder == root:
            outside = recordings
        elif recordings:
            sounding.update((folder, *folder.parents))
    silent = [folder for folder in folders if folder not in sounding and folder.parent in sounding]
    remarks = [f"{folder.relative_to(root)}: this folder cannot be read" for folder in unreadable]
    remarks += [f"{folder.relative_to(root)}: no audio in this folder" for folder in silent if folder not in unreadable]
    if outside:
        remarks.append(f"audio files that lie in no sub-folder, and so have no label, are left out: {outside}")
    if kinds:
        named = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        remarks.append(f"files of other kinds are left out: {sum(kinds.values())} ({named})")
    return list(map(printable, remarks))


def read_json(file: Path) -> dict[str, Any]:
    """Reads a JSON file that holds an object.

    Raises:
        BadInput: if it is missing or holds something else.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadInput(f"{file}: no such file") from None
    except (ValueError, RecursionError, OSError) as error:
        raise BadInput(f"{file}: not a JSON file: {error}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{file}: expected an object in {{}}, found {type(content).__name__}")
    return content


def inside(root: Path, name: str, *, source: Path) -> Path:
    """Gives the path that a table names, if it stays inside the folder of the data set.

    Links are not followed: a link inside the folder to another disk is the user's own.

    Args:
        root: folder of the data set.
        name: path in the table, relative to `root`.
        source: path of the table, for the message.

    Raises:
        BadInput: if the path leads out of the folder.
    """
    base = os.path.abspath(root)
    target = Path(os.path.abspath(os.path.join(base, name)))  # without "..", which a link could lead astray
    if "\0" in name or not target.is_relative_to(base):
        raise BadInput(f"{source}: '{name[:100]}' leads out of {root}; use paths inside it")
    return root / target.relative_to(base)
