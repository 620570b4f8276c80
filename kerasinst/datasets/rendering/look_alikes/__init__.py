"""Rendered look-alikes of published data sets: the same layout on disk, so that the same reader reads them.

They let a study run where its data set is not there. Figures of a look-alike are those of rendered audio, and say
nothing about the data set.
"""

import importlib
from pathlib import Path

from kerasinst.core import console, files
from kerasinst.core.progress import Progress, silent
from kerasinst.experiment.dataset import LOOK_ALIKES

VERSION = 3
"""Version of the rendering. It is raised when that changes, so that older caches are not used."""


def look_alike(reader: str, *, progress: Progress = silent) -> Path:
    """Renders the look-alike of a data set, unless the cache holds it already.

    Args:
        reader: one of `LOOK_ALIKES`.
        progress: shows how much is rendered.

    Returns:
        Its folder, for the reader.

    Example:
        >>> datasets.read("irmas", look_alike("irmas"))[0].labels
        ('cel',)
    """
    if reader not in LOOK_ALIKES:
        raise ValueError(f"there is no look-alike for '{reader}', only for {', '.join(LOOK_ALIKES)}")
    folder = files.cache_folder("look_alikes", f"{reader}-{VERSION}")
    if not folder.is_dir():
        module = importlib.import_module(f"kerasinst.datasets.rendering.look_alikes.{reader}")
        with files.replacing(folder, keeps=True) as temporary:
            temporary.mkdir(parents=True)
            module.render(temporary, progress=progress)
    console.say_once(f"{reader}: without --data, a rendered look-alike is used; its figures are not the data set's")
    return folder
