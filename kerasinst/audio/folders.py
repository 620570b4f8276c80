"""Finds audio files under a folder."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

SUFFIXES = frozenset((
    ".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".ogg", ".oga", ".opus", ".spx", ".mp3", ".mp2", ".mpga", ".aif",
    ".aiff", ".aifc", ".au", ".snd", ".caf", ".m4a", ".m4b", ".m4r", ".mp4", ".m4v", ".mov", ".3gp", ".3g2", ".aac",
    ".adts", ".wma", ".asf", ".webm", ".weba", ".mka", ".mkv", ".avi", ".flv", ".mpg", ".mpeg", ".ts", ".wv", ".tta",
    ".ape", ".tak", ".ac3", ".ec3", ".eac3", ".dts", ".amr", ".gsm", ".voc", ".ra", ".rm", ".mpc", ".dsf", ".dff",
    ".xwma",
))  # fmt: skip
"""Suffixes of the files that are looked for; their content decides how they are decoded."""


def walk(
    folder: Path, *, on_unreadable: Callable[[Path], None] = lambda folder: None
) -> Iterator[tuple[Path, list[str]]]:
    """Yields each folder under a folder, itself included, with the sorted names of its files.

    Hidden files and folders are left out. Links to folders are followed, but each folder is yielded once: if several
    paths lead to it, the path without links is taken.

    Args:
        folder: folder to begin with.
        on_unreadable: called with each folder that cannot be read and is left out.

    Example:
        >>> [(path.name, names) for path, names in walk(Path("recordings"))]
        [('recordings', []), ('cello', ['1.wav', '2.wav']), ('flute', ['1.wav'])]
    """
    seen: set[tuple[int, int]] = set()
    waiting = [folder] if folder.is_dir() else []
    while waiting:
        links: list[Path] = []
        for start in waiting:
            for root, folders, names in os.walk(start, onerror=lambda error: on_unreadable(Path(error.filename))):
                here = Path(root)
                if not _first_time(here, seen):
                    folders.clear()
                    continue
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                links += [here / name for name in folders if os.path.islink(here / name)]
                yield here, sorted(name for name in names if not name.startswith("."))
        waiting = links


def _first_time(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Tells whether a folder is met for the first time, and remembers it."""
    status = folder.stat()
    known = (status.st_dev, status.st_ino) in seen
    seen.add((status.st_dev, status.st_ino))
    return not known


def is_audio(name: str) -> bool:
    """Tells by a file's suffix whether it is an audio file.

    Example:
        >>> is_audio("take 1.FLAC")
        True
    """
    return os.path.splitext(name)[1].lower() in SUFFIXES


def files(folder: Path) -> list[Path]:
    """Lists all audio files under a folder, sorted; hidden files and folders are left out, and links are followed."""
    found = (here / name for here, names in walk(folder) for name in names if is_audio(name))
    return sorted(path for path in found if path.is_file() or not path.exists())  # links to nowhere are broken files
