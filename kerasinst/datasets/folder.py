"""A folder of your own recordings: one sub-folder a label.

Layout:  <label>/anything.wav     also flac, ogg, mp3, aiff, m4a, in sub-folders of any depth
Groups:  each file is a group of its own.
"""

from pathlib import Path

from kerasinst import audio
from kerasinst.datasets.clip import Clip
from kerasinst.errors import BadInput

CITATION = "None: the recordings are your own."
LICENSE = "Your own."


def read(path: Path | None) -> list[Clip]:
    """Reads a folder whose sub-folders are named after their label.

    Raises:
        BadInput: if there is no such folder, or no sub-folder with audio in it.
    """
    if path is None:
        raise BadInput("dataset.path: reader 'folder' needs a folder; give one with --data DIR")
    if not path.is_dir():
        raise BadInput(f"{path}: no such folder; point --data at a folder that holds one sub-folder for each label")
    clips = [_clip(path, file) for file in audio.files(path) if file.parent != path]
    if not clips:
        found = ", ".join(sorted(item.name for item in path.iterdir())[:5]) or "nothing"
        raise BadInput(f"{path}: no audio found in its sub-folders (found: {found}); put recordings in <label>/")
    return clips


def _clip(root: Path, file: Path) -> Clip:
    name = file.relative_to(root).as_posix()
    return Clip(name=name, path=file, labels=(file.relative_to(root).parts[0],), group=name)
