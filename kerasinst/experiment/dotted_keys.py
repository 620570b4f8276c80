"""Values of an experiment by dotted keys, such as `network.conv_filters.0`."""

from typing import Any

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import FRONTENDS, NETWORKS, READERS

OPEN = {"dataset": (READERS, "reader"), "frontend": (FRONTENDS, "name"), "network": (NETWORKS, "name")}
"""Sections that hold options of what they name, where it is found, and the key that names it."""
MISSING = object()
"""Stands for the value of a key that is not there."""


def get_value(content: Any, key: str) -> Any:
    """The value of a dotted key, or what says that there is none."""
    for part in key.split("."):
        if isinstance(content, list) and part.isdigit() and int(part) < len(content):
            content = content[int(part)]
        else:
            content = content.get(part, MISSING) if isinstance(content, dict) else MISSING
    return content


def write_out_default(content: dict, key: str) -> None:
    """Lets a key index a list that the experiment leaves as it is by default: network.conv_filters.0."""
    section, *parts = key.split(".")
    if section in OPEN and len(parts) > 1 and parts[1].isdigit() and isinstance(content.get(section), dict):
        kind, naming = OPEN[section]
        default = kind.default(content[section].get(naming), parts[0])
        if content[section].get(parts[0]) is None and isinstance(default, list | tuple):
            content[section][parts[0]] = list(default)


def set_value(content: Any, key: str, *, value: Any) -> None:
    *parents, last = key.split(".")
    place = content
    for depth, part in enumerate([*parents, last]):
        here = ".".join(key.split(".")[:depth]) or "the file"
        if isinstance(place, list):
            if not part.isdigit() or int(part) >= len(place):
                raise BadInput(f"{key}: {here} is a list of {len(place)}: use a number from 0 to {len(place) - 1}")
            part = int(part)
        elif not isinstance(place, dict):
            raise BadInput(
                f"{key}: {here} holds {place!r}, which has no '{part}' inside; write it out in the file first"
            )
        if depth == len(parents):
            place[part] = value
        else:
            if isinstance(place, dict) and place.get(part) is None:
                place[part] = {}
            place = place[part]
