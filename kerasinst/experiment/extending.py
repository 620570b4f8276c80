"""Reads experiment files that extend others."""

from pathlib import Path
from typing import Any

from kerasinst.core.errors import BadInput
from kerasinst.experiment.dotted_keys import OPEN
from kerasinst.experiment.locations import anchored, locate, read_yaml


def read_extended(path: Path, *, within: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Reads an experiment file on top of the one that its key `extends` names.

    Sections are merged key by key; what a key holds is replaced as a whole. If a section names another reader, front
    end or network than the base, the base's options of it are dropped, and its preset. `null` in place of a section
    drops it. Paths that a file names are found beside that file.

    Args:
        path: path of the file. `extends` is a path relative to its folder, or the name of a packaged experiment.
        within: files that extend this one.

    Returns:
        The content, without `extends`. Its name is that of the file unless the file itself gives one.

    Raises:
        BadInput: if a file is missing or is no YAML, `extends` is no path, or files extend each other in a circle.

    Example:
        >>> read_extended(Path("experiments/irmas_panns.yaml"))["dataset"]["reader"]
        'irmas'
    """
    if path.resolve() in within:
        raise BadInput(f"{path}: extends itself, by way of {', '.join(file.name for file in within)}")
    content = {"name": path.stem, **read_yaml(path)}
    for section, key in (("search", "space"), ("training", "pretrain")):
        part = content.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str):
            part[key] = anchored(part[key], path.parent)
    base = content.pop("extends", None)
    if base is None:
        return content
    if not isinstance(base, str):
        raise BadInput(f"{path}: extends: expected the path of an experiment file, found {base!r}")
    near = path.parent / base
    return _on_top(read_extended(near if near.is_file() else locate(base), within=(*within, path.resolve())), content)


def _on_top(base: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """Puts the sections of an experiment on those of its base."""
    merged = dict(base)
    for name, part in content.items():
        below = base.get(name)
        if part is None:
            merged.pop(name, None)
            continue
        if isinstance(part, dict) and isinstance(below, dict):
            part = {**_kept(name, part, below), **part}
        merged[name] = part
    return merged


def _kept(section: str, part: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    """Gives what a section keeps of that of the base: without options and preset if it names something else."""
    kind, naming = OPEN.get(section, (None, ""))
    if kind is None or part.get(naming, below.get(naming)) == below.get(naming):
        return below
    options = {*kind.parameters(below[naming]), "preset", "path"} if below.get(naming) in kind.names() else set(below)
    return {key: value for key, value in below.items() if key not in options}
