"""The front end that weights were trained with; on other features they are of little use, even if they fit."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasinst.core.errors import BadInput
from kerasinst.frontends.dsp.frontend import FrontEnd

NO_MATTER = ("name", "trainable", "dtype", "dft")
"""Settings that may differ: names, and how a front end computes the same features."""


def describe(frontend: FrontEnd, scaling: str | None) -> dict[str, Any]:
    """Describes everything that decides the scaled features of a waveform, as JSON can hold it.

    Args:
        frontend: layer from waveforms to features.
        scaling: method by which the features are scaled, or None.

    Example:
        >>> describe(ki.frontends.create("log_mel", sample_rate=22050), "standardize")["hop_length"]
        512
    """
    config = {key: value for key, value in frontend.get_config().items() if key not in NO_MATTER}
    return json.loads(json.dumps({"name": type(frontend).__name__, **config, "scaling": scaling or "none"}))


def refuse_other(theirs: Mapping[str, Any], ours: Mapping[str, Any], *, source: str | Path) -> None:
    """Refuses weights that were trained with another front end.

    Args:
        theirs: description of the front end that the weights were trained with.
        ours: description of the network's front end.
        source: where the weights come from, for the message.

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
