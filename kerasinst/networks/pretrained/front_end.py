"""The front end that weights were trained with: on other features they are worth little, though they may fit."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from kerasinst.core.errors import BadInput

NO_MATTER = ("name", "trainable", "dtype", "dft")
"""What may differ: names, and how a front end computes the same."""


def describe(frontend: keras.layers.Layer, scaling: str | None) -> dict[str, Any]:
    """Everything that decides the features of a waveform, as JSON holds it.

    Args:
        frontend: layer from waveform to features.
        scaling: method of their scaling, or None.

    Example:
        >>> describe(ki.frontends.create("log_mel", sample_rate=22050), "standardize")["hop_length"]
        512
    """
    config = {key: value for key, value in frontend.get_config().items() if key not in NO_MATTER}
    return json.loads(json.dumps({"name": type(frontend).__name__, **config, "scaling": scaling or "none"}))


def refuse_other(theirs: Mapping[str, Any], ours: Mapping[str, Any], *, source: str | Path) -> None:
    """Refuses weights that were trained with another front end.

    Raises:
        BadInput: naming the first difference.
    """
    differing = [key for key, value in theirs.items() if key in ours and ours[key] != value]
    if differing:
        key = differing[0]
        more = f" (and {len(differing) - 1} more)" if len(differing) > 1 else ""
        differs = f"{'it' if key == 'name' else key} is {theirs[key]} there and {ours[key]} here{more}"
        raise BadInput(
            f"{source}: its weights were trained with another front end: {differs}; make them the same, or leave "
            "training.pretrain out"
        )
