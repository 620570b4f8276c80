"""Writing so that a kill, a crash or a full disk never leaves half a file."""

import glob
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs


@contextmanager
def replacing(path: Path, keeps: bool = False) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which takes its place when the block ends without an error.

    Works for a file or a folder; the temporary name keeps the suffix, since Keras and NumPy look at it. With `keeps`, a
    folder that is there by then stays: for the cache, where another process may have made the same and be reading it.

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
    """Removes what killed processes left behind more than a day ago."""
    for old in path.parent.glob(f".[0-9]*-{glob.escape(path.name)}"):
        with suppress(FileNotFoundError):  # another process, whose it was, has just put it into place
            if time.time() - old.stat().st_mtime > 24 * 3600:
                shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()


def slug(text: str) -> str:
    """A name for a file that only letters, digits, dots and dashes of a text go into.

    Example:
        >>> slug("Violin or fiddle / solo")
        'Violin-or-fiddle-solo'
    """
    return re.sub(r"[^\w.]+", "-", text).strip("-.") or "unnamed"


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text through `replacing`."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Writes strict JSON (no NaN) through `replacing`."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def cache_folder(*parts: str) -> Path:
    """Where rendered audio and computed features are kept; `KERASINST_CACHE` overrides the system's place."""
    root = os.environ.get("KERASINST_CACHE") or platformdirs.user_cache_path("kerasinst")
    return Path(root).joinpath(*parts)
