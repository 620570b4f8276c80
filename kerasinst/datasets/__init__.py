"""Reads the clips of data sets. There is one reader per file, found by the name of the file.

Example:
    >>> import kerasinst as ki
    >>> clips = ki.datasets.read("folder", "~/recordings")
    >>> train, validation, test = ki.datasets.split(clips, validation=0.16, test=0.2, seed=1)
"""

import importlib
import itertools
from pathlib import Path
from typing import Any, NamedTuple

from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent
from kerasinst.core.registry import READERS
from kerasinst.datasets.annotations import Note, activity, shares
from kerasinst.datasets.audio_cache import DecodedClips, Shard, decode
from kerasinst.datasets.clip import Clip, Segment
from kerasinst.datasets.collection import Collection, collect
from kerasinst.datasets.labels import at_most, normalised, relabel
from kerasinst.datasets.pitches import label_by_pitch
from kerasinst.datasets.rendering.look_alikes import look_alike
from kerasinst.datasets.splits import SPLITS, folds, split
from kerasinst.experiment.dataset import DatasetSection

__all__ = [
    "SPLITS", "About", "Clip", "Collection", "DecodedClips", "Note", "Segment", "Shard", "about", "activity", "collect",
    "decode", "folds", "names", "overlooked", "read", "read_section", "relabel", "shares", "split",
]  # fmt: skip


def names() -> list[str]:
    """Lists the names of all readers."""
    return READERS.names()


class About(NamedTuple):
    """Describes a data set.

    Attributes:
        summary: one sentence on what the data set is.
        citation: how to cite it.
        licence: its licence.
    """

    summary: str
    citation: str
    licence: str


def about(reader: str) -> About:
    """Describes the data set of a reader.

    Args:
        reader: one of `names()`.

    Raises:
        BadInput: if there is no such reader.

    Example:
        >>> about("irmas").licence
        'CC BY-NC-SA 3.0'
    """
    READERS.check(reader, {})
    module = importlib.import_module(f"kerasinst.datasets.readers.{reader}")
    return About((module.__doc__ or "").partition("\n")[0], module.CITATION, module.LICENSE)


def read(reader: str, path: str | Path | None = None, *, progress: Progress = silent, **options: Any) -> list[Clip]:
    """Reads the clips of a data set; no audio is decoded yet.

    Args:
        reader: one of `names()`.
        path: folder of the data set; readers that render their audio need none.
        progress: shows how much audio is rendered.
        **options: options of the reader.

    Returns:
        Clips sorted by name. A recording that cannot be used, for example because it has no labels, is a clip with a
        `problem`, which `collect` reports and leaves out.

    Raises:
        BadInput: if there is no such reader or option, or the folder is missing, has another layout than the reader
            expects, or holds no usable audio.

    Example:
        >>> read("irmas", "~/IRMAS", subset="train")[0].labels
        ('cel',)
    """
    READERS.check(reader, options)
    if path is not None:
        path = Path(path).expanduser()
    if "progress" in READERS.parameters(reader, given=True):
        options["progress"] = progress
    try:
        clips = READERS.get(reader)(path, **options)
    except BadInput:
        raise
    except (TypeError, ValueError) as error:
        raise BadInput(f"dataset: {error}") from None
    if not clips:
        raise BadInput(f"{path}: no audio found for reader '{reader}'")
    clips = sorted(map(normalised, clips), key=lambda clip: clip.name)
    if all(clip.problem for clip in clips):
        raise BadInput(
            f"{path}: none of {len(clips)} recordings can be used; the first, {clips[0].name}: {clips[0].problem}"
        )
    for one, other in itertools.pairwise(clips):
        if one.name == other.name:
            raise BadInput(f"{path}: '{one.name}' is listed twice; remove one, since their labels could differ")
    return clips


def overlooked(section: DatasetSection) -> list[str]:
    """Lists what the reader of a data set leaves out.

    Args:
        section: section `dataset` of an experiment.

    Returns:
        One sentence for each folder without audio, and one for files of other kinds.
    """
    module = importlib.import_module(f"kerasinst.datasets.readers.{section.reader}")
    return module.overlooked(section.path) if section.path and hasattr(module, "overlooked") else []


def read_section(section: DatasetSection, *, progress: Progress = silent) -> list[Clip]:
    """Reads the clips that the section `dataset` of an experiment names, and applies its label map.

    Args:
        section: section `dataset` of an experiment.
        progress: shows how much audio is rendered.

    Returns:
        Clips sorted by name.

    Raises:
        BadInput: as `read` and `relabel` do.
    """
    path = look_alike(section.reader, progress=progress) if section.is_look_alike else section.path
    clips = read(section.reader, path, progress=progress, **section.options)
    if section.label_by == "pitch":
        clips = label_by_pitch(clips)
    if section.label_map:
        clips = relabel(clips, section.label_map)
    return at_most(clips, section.most_clips) if section.most_clips else clips
