"""A folder of your own recordings, with one sub-folder for each label.

Layout:  <label>/anything.wav     in any format that can be decoded, in sub-folders of any depth; links are followed
Groups:  each file is a group of its own.
"""

from pathlib import Path

from kerasinst import audio
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip

CITATION = "None: the recordings are your own."
LICENSE = "Your own."

overlooked = reader_utils.overlooked
"""Lists what the reader leaves out."""


def read(path: Path | None) -> list[Clip]:
    """Reads a folder whose sub-folders are named after their labels.

    Args:
        path: folder with one sub-folder for each label.

    Raises:
        BadInput: if there is no such folder, or no sub-folder with audio in it.
    """
    path = reader_utils.folder(path, "folder")
    clips = [_clip(path, file) for file in audio.files(path) if file.parent != path]
    if not clips:
        raise reader_utils.unlike(path, "one sub-folder with recordings for each label, <label>/anything.wav")
    return clips


def _clip(root: Path, file: Path) -> Clip:
    """Makes the clip of a file, which is a group of its own."""
    name = reader_utils.relative(file, root)
    return Clip(name=name, path=file, labels=(name.partition("/")[0],), group=name)
