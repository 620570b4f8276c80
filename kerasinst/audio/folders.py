"""Audio files under a folder."""

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
"""Files that are looked for; what they hold decides how they are decoded."""


def walk(
    folder: Path, *, on_unreadable: Callable[[Path], None] = lambda folder: None
) -> Iterator[tuple[Path, list[str]]]:
    """Each folder under a folder, itself included, with the names of its files, sorted; hidden ones are left out.

    Links to folders are followed, each folder once: where two paths lead to one, that without links counts.

    Args:
        folder: where to begin.
        on_unreadable: is told each folder that cannot be read, and is passed over.

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
    status = folder.stat()
    known = (status.st_dev, status.st_ino) in seen
    seen.add((status.st_dev, status.st_ino))
    return not known


def is_audio(name: str) -> bool:
    """Whether a file is looked for, by the end of its name.

    Example:
        >>> is_audio("take 1.FLAC")
        True
    """
    return os.path.splitext(name)[1].lower() in SUFFIXES


def files(folder: Path) -> list[Path]:
    """All audio files under a folder, sorted; hidden files and folders are left out, and links are followed."""
    found = (here / name for here, names in walk(folder) for name in names if is_audio(name))
    return sorted(path for path in found if path.is_file() or not path.exists())  # links to nowhere are broken files
