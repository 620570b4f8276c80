"""Reads and sets values of an experiment by dotted keys, such as `network.conv_filters.0`."""

from typing import Any

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import FRONTENDS, NETWORKS, READERS

OPEN = {"dataset": (READERS, "reader"), "frontend": (FRONTENDS, "name"), "network": (NETWORKS, "name")}
"""Sections with options of what they name: where it is found, and the key that names it."""
MISSING = object()
"""Value of a key that is not there."""


def get_value(content: Any, key: str) -> Any:
    """Gives the value of a dotted key.

    Args:
        content: nested dictionaries and lists.
        key: dotted key; a number is an index of a list.

    Returns:
        The value, or `MISSING` if there is none.

    Example:
        >>> get_value({"network": {"conv_filters": [40, 32]}}, "network.conv_filters.0")
        40
    """
    for part in key.split("."):
        if isinstance(content, list) and part.isdigit() and int(part) < len(content):
            content = content[int(part)]
        else:
            content = content.get(part, MISSING) if isinstance(content, dict) else MISSING
    return content


def write_out_default(content: dict[str, Any], key: str) -> None:
    """Writes the default of a list into an experiment, so that a key such as `network.conv_filters.0` can index it.

    Args:
        content: content of an experiment, which is changed.
        key: dotted key.
    """
    section, *parts = key.split(".")
    if len(parts) > 1 and parts[1].isdigit() and isinstance(content.get(section), dict):
        default = default_of(content, f"{section}.{parts[0]}")
        if content[section].get(parts[0]) is None and isinstance(default, list):
            content[section][parts[0]] = default


def default_of(content: dict[str, Any], key: str) -> Any:
    """Gives the default of an option of a reader, front end or network.

    Args:
        content: content of an experiment.
        key: dotted key; numbers index lists.

    Returns:
        The default, or None if the key is no such option or its default is no literal.

    Example:
        >>> default_of({"network": {"name": "ee5180"}}, "network.conv_filters.0")
        40
    """
    section, _, option = key.partition(".")
    if section not in OPEN or not isinstance(content.get(section), dict):
        return None
    option, _, rest = option.partition(".")
    kind, naming = OPEN[section]
    default = kind.default(content[section].get(naming), option)
    default = list(default) if isinstance(default, tuple) else default
    value = get_value(default, rest) if rest else default
    return None if value is MISSING else value


def set_value(content: Any, key: str, *, value: Any) -> None:
    """Sets the value of a dotted key; sections that are missing on the way are added.

    Args:
        content: nested dictionaries and lists, which are changed.
        key: dotted key; a number is an index of a list.
        value: new value.

    Raises:
        BadInput: if the key leads into a value that is neither a section nor a list, or behind the end of a list.

    Example:
        >>> content = {"training": {"epochs": 30}}
        >>> set_value(content, "training.epochs", value=3)
        >>> content
        {'training': {'epochs': 3}}
    """
    parts = key.split(".")
    place = content
    for depth, part in enumerate(parts):
        here = ".".join(parts[:depth]) or "the file"
        index = _index(place, part, key=key, here=here)
        if depth == len(parts) - 1:
            place[index] = value
        else:
            if isinstance(place, dict) and place.get(index) is None:
                place[index] = {}
            place = place[index]


def _index(place: Any, part: str, *, key: str, here: str) -> int | str:
    """Gives the index of a part of a key in a list, or its key in a section."""
    if isinstance(place, list):
        if not part.isdigit() or int(part) >= len(place):
            raise BadInput(f"{key}: {here} is a list of {len(place)}: use a number from 0 to {len(place) - 1}")
        return int(part)
    if not isinstance(place, dict):
        raise BadInput(f"{key}: {here} holds {place!r}, which has no '{part}' inside; write it out in the file first")
    return part
