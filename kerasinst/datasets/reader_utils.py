"""What readers share: finding the folders of a published layout and reading its tables, with errors that help."""

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
    """The folder that was given.

    Raises:
        BadInput: if none was given, or it is not there.
    """
    if path is None:
        raise BadInput(f"dataset.path: reader '{reader}' needs the folder of the data set; give it with --data DIR")
    if not path.is_dir():
        raise BadInput(f"{path}: no such folder; point --data at the folder of the data set")
    return path


def unlike(path: Path, expected: str) -> BadInput:
    """An error that says what was expected in a folder, and what was found there."""
    found = ", ".join(sorted(item.name for item in path.iterdir() if not item.name.startswith("."))[:6]) or "nothing"
    return BadInput(f"{path}: expected {expected}; found: {found}. Point --data at the folder that holds it")


def nested(path: Path, folders: Sequence[str], *, wanted: Sequence[str]) -> Path:
    """The folder itself, or the first of its given sub-folders, that holds all that is wanted.

    Raises:
        BadInput: if none does.
    """
    for root in (path, *(path / name for name in folders)):
        if all((root / name).exists() for name in wanted):
            return root
    raise unlike(path, ", ".join(wanted))


def check_choice(option: str, value: Any, *, allowed: Sequence[str]) -> None:
    """Refuses an option of a reader that is none of the allowed ones.

    Raises:
        BadInput: naming them.
    """
    if value not in allowed:
        raise BadInput(f"dataset.{option}: expected {', '.join(allowed)}, but '{value}' was given")


def read_table(file: Path, columns: Sequence[str] = (), **options: Any) -> pd.DataFrame:
    """A CSV file in UTF-8 with every cell as text; rows that are too long or torn are refused, not guessed.

    Args:
        file: the table.
        columns: those that must be there, once, without line breaks.
        **options: for `pandas.read_csv`.

    Raises:
        BadInput: if the file is missing, is no table, or lacks a column.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row with more cells than columns
            defaults = {"dtype": str, "keep_default_na": False, "index_col": False, "encoding": "utf-8-sig"}  # as Excel
            rows = pd.read_csv(file, **{**defaults, **options})
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
    """Lines of a text file, without the space around them; a line number is an index + 1.

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
    """A column of `read_table` as numbers from 0 up.

    Args:
        file: the table, for the message.
        rows: of it.
        column: name of it.
        whole: refuse fractions.
        first_line: line of the file in which the first row stands.

    Raises:
        BadInput: naming the line of the first cell that is none.
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
    """Refuses a column that is there twice, and a quote that swallowed the next row.

    Raises:
        BadInput: naming the column.
    """
    if f"{column}.1" in rows:  # so pandas calls the second one
        raise BadInput(f"{file}: there are two columns '{column}'")
    for cell in rows[column]:
        if isinstance(cell, str) and ("\n" in cell or "\r" in cell):
            raise BadInput(f"{file}: '{cell[:60]}' in column '{column}' holds a line break; is a quote missing?")


def unlabelled(root: Path, folder: Path, *, known: Container[Path], table: Path) -> list[Clip]:
    """Recordings of a folder that no row of a table names, to be reported.

    Args:
        root: of the data set, which names of clips count from.
        folder: that the table is of.
        known: files that have a row.
        table: for the message.
    """
    return [
        Clip(name := relative(file, root), file, (), name, problem=f"has no row in {table.name}")
        for file in audio.files(folder)
        if file not in known
    ]


def relative(file: Path, root: Path) -> str:
    """The name of a clip: its path in the data set, with forward slashes."""
    return printable(file.relative_to(root).as_posix())


def overlooked(root: Path) -> list[str]:
    """What the reader of a tree of folders leaves out: one sentence for each folder without audio, and for other files.

    Example:
        >>> overlooked(Path("recordings"))
        ['triangle: no audio in this folder', 'files of other kinds are left out: 12 (.txt 11, .mid 1)']
    """
    folders, unreadable, sounding, kinds = [], [], {root}, Counter()
    outside = 0
    for folder, names in audio.walk(root, on_unreadable=unreadable.append):
        folders.append(folder)
        heard = sum(map(audio.is_audio, names))
        kinds.update(os.path.splitext(name)[1].lower() or "no suffix" for name in names if not audio.is_audio(name))
        if folder == root:
            outside = heard
        elif heard:
            sounding.update((folder, *folder.parents))
    silent = [folder for folder in folders if folder not in sounding and folder.parent in sounding]
    told = [f"{folder.relative_to(root)}: this folder cannot be read" for folder in unreadable]
    told += [f"{folder.relative_to(root)}: no audio in this folder" for folder in silent if folder not in unreadable]
    if outside:
        told.append(f"audio files that lie in no sub-folder, and so have no label, are left out: {outside}")
    if kinds:
        named = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        told.append(f"files of other kinds are left out: {sum(kinds.values())} ({named})")
    return list(map(printable, told))


def read_json(file: Path) -> dict[str, Any]:
    """A JSON file that holds an object.

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
    """The path that a table names, if it stays inside the folder of the data set.

    Names are compared, not what they lead to: a link inside the folder to another disk is the user's own.

    Raises:
        BadInput: if it leads out of it.
    """
    base = os.path.abspath(root)
    target = Path(os.path.abspath(os.path.join(base, name)))  # without "..", which a link could lead astray
    if "\0" in name or not target.is_relative_to(base):
        raise BadInput(f"{source}: '{name[:100]}' leads out of {root}; use paths inside it")
    return root / target.relative_to(base)
