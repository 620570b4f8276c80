"""Writing so that a kill, a crash or a full disk never leaves half a file."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which takes its place when the block ends without an error.

    Works for a file or a folder; the temporary name keeps the suffix, since Keras and NumPy look at it.

    Example:
        >>> with replacing(Path("labels.txt")) as temporary:
        ...     temporary.write_text("cello, flute")
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(temporary, path)
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


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
