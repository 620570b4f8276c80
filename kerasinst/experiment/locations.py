"""Where experiment files and what they name are found: in the working folder, beside each other, or in the package."""

from pathlib import Path
from typing import Any

import yaml

from kerasinst.core import files, safe_yaml
from kerasinst.core.errors import BadInput, suggest

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE / "packaged" if (PACKAGE / "packaged").is_dir() else PACKAGE.parent
"""Holds `experiments/` and `search_spaces/`: a checkout, or their copies in an installed package."""
EXPERIMENTS = PROJECT / "experiments"
QUICKSTART = EXPERIMENTS / "quickstart.yaml"


def packaged() -> list[str]:
    """Names of the experiments that come with kerasinst.

    Example:
        >>> packaged()
        ['best', 'ee5180', 'quickstart', 'small']
    """
    files = sorted(EXPERIMENTS.glob("*.yaml"))
    return [file.stem for file in files if b"\ndataset:" in b"\n" + file.read_bytes()]


def locate(experiment: str | Path) -> Path:
    """The file of an experiment: the path itself, or the packaged experiment of that name.

    Raises:
        BadInput: if there is neither.

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
    """Reads a YAML mapping with the safe loader.

    Raises:
        BadInput: if there is no such file, or it is not a YAML mapping.
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
    """A path in an experiment file counts from the working folder, the experiment's folder or the project."""
    places = [folder / Path(name).expanduser() for folder in (Path(), near, PROJECT)]
    return next((place for place in places if place.exists()), places[0])


def anchored(name: str, near: Path) -> str:
    """The same path, made absolute if only the experiment's folder has it."""
    return name if not (near / name).exists() or find(name).exists() else str((near / name).absolute())


def name_after(path: str | Path) -> str:
    """A name for an experiment that only letters, digits, dots and dashes of a path go into."""
    return files.slug(Path(path).expanduser().resolve().name)
