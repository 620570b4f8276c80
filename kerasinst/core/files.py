"""Writes files so that a kill, a crash or a full disk never leaves half of one."""

import csv
import glob
import io
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs


@contextmanager
def replacing(path: Path, keeps: bool = False) -> Iterator[Path]:
    """Yields a temporary path, and moves what was written there to `path` if the block ends without an error.

    The temporary path lies in the same folder and ends with the same name, so that its suffix tells the format.

    Args:
        path: path of the file or folder that is written. Folders above it are made.
        keeps: whether a folder that is at `path` by the end stays. The cache uses it, since another process may have
            made the same folder in the meantime, and may be reading it.

    Example:
        >>> with replacing(Path("labels.txt")) as temporary:
        ...     temporary.write_text("cello, flute")
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        if path.is_dir() and not keeps:
            shutil.rmtree(path)
        try:
            os.replace(temporary, path)
        except OSError:
            if not (keeps and path.is_dir()):
                raise
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Removes temporary files of `path` that killed processes left more than a day ago."""
    for old in path.parent.glob(f".[0-9]*-{glob.escape(path.name)}"):
        with suppress(FileNotFoundError):  # its own process has just moved it into place
            if time.time() - old.stat().st_mtime > 24 * 3600:
                shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()


def slug(text: str) -> str:
    """Makes a file's name of a text. It holds only letters, digits, underscores, dots and dashes.

    Args:
        text: text of any characters; if none of them can be kept, the name is "unnamed".

    Example:
        >>> slug("Violin or fiddle / solo")
        'Violin-or-fiddle-solo'
    """
    return re.sub(r"[^\w.]+", "-", text).strip("-.") or "unnamed"


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    r"""Formats rows as CSV (RFC 4180).

    Args:
        rows: cells of each row; the first row may be a header.

    Example:
        >>> csv_text([("label", "score"), ("cello", 0.5)])
        'label,score\r\ncello,0.5\r\n'
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def write_text(path: Path, text: str) -> None:
    """Writes a text in UTF-8, in one step.

    Args:
        path: path of the file.
        text: its content.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Writes a value as strict JSON, in one step.

    Args:
        path: path of the file.
        value: value that JSON can hold.

    Raises:
        ValueError: if a number is infinite or NaN.
    """
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def cache_folder(*parts: str) -> Path:
    """Returns the path of a folder in the cache, which holds rendered audio, decoded clips and computed features.

    The cache lies where the system keeps caches, or in the folder that the environment variable KERASINST_CACHE names.

    Args:
        *parts: parts of the path within the cache.
    """
    root = os.environ.get("KERASINST_CACHE") or platformdirs.user_cache_path("kerasinst")
    return Path(root).joinpath(*parts)
