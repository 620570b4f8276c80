"""Finds experiment files, and the files that they name: in the working folder, beside each other, or in the package."""

import re
from pathlib import Path
from typing import Any

import yaml

from kerasinst.core import files, safe_yaml
from kerasinst.core.errors import BadInput, suggest

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of the package."""
PROJECT = PACKAGE / "packaged" if (PACKAGE / "packaged").is_dir() else PACKAGE.parent
"""Folder with `experiments/` and `search_spaces/`: a checkout, or their copies in an installed package."""
EXPERIMENTS = PROJECT / "experiments"
"""Folder of the packaged experiments."""
QUICKSTART = EXPERIMENTS / "quickstart.yaml"
"""Experiment of the quickstart."""


def packaged() -> list[str]:
    """Lists the names of the experiments that come with kerasinst.

    Example:
        >>> packaged()
        ['best', 'ee5180', 'pretraining', 'quickstart', 'small']
    """
    files = sorted(EXPERIMENTS.glob("*.yaml"))
    return [file.stem for file in files if re.search(rb"^(dataset|extends):", file.read_bytes(), re.MULTILINE)]


def locate(experiment: str | Path) -> Path:
    """Finds the file of an experiment.

    Args:
        experiment: path of a file, or the name of a packaged experiment.

    Returns:
        Path of the file, which need not exist if it was given as a path.

    Raises:
        BadInput: if there is neither a file nor a packaged experiment of that name.

    Example:
        >>> locate("best").name
        'best.yaml'
    """
    path = Path(experiment).expanduser()
    if path.exists() or path.suffix or len(path.parts) > 1:
        return path
    if path.name not in packaged():
        raise BadInput(f"{path}: no such file, and no such packaged experiment; {suggest(path.name, packaged())}")
    return EXPERIMENTS / f"{path.name}.yaml"


def read_yaml(path: Path) -> dict[str, Any]:
    """Reads a YAML file that holds keys with values, with the safe loader.

    Raises:
        BadInput: if there is no such file, or it holds something else.
    """
    try:
        content = safe_yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        beside = [file.name for file in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
        raise BadInput(f"{path}: no such file" + (f"; {suggest(path.name, beside)}" if beside else "")) from None
    except (yaml.YAMLError, UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInput(f"{path}: not a YAML file: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path}: expected keys with values, such as `name: mine`; found {type(content).__name__}")
    return content


def find(name: str | Path, near: Path = PROJECT) -> Path:
    """Finds a path that an experiment file names, relative to the working folder, the file's folder or the project.

    Args:
        name: path in the experiment file.
        near: folder of the experiment file.

    Returns:
        The first path that exists, or that in the working folder if none does.
    """
    places = [folder / Path(name).expanduser() for folder in (Path(), near, PROJECT)]
    return next((place for place in places if place.exists()), places[0])


def anchored(name: str, near: Path) -> str:
    """Makes a path absolute if it exists only in the folder of the experiment file.

    Args:
        name: path in the experiment file.
        near: folder of the experiment file.
    """
    return name if not (near / name).exists() or find(name).exists() else str((near / name).absolute())


def name_after(path: str | Path) -> str:
    """Makes a name for an experiment from the letters, digits, dots and dashes of a path's last part."""
    return files.slug(Path(path).expanduser().resolve().name)
