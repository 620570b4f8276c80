"""Pretrained weights: published ones and those of earlier runs, which are copied to the layers that they fit.

Example:
    >>> network = ki.networks.create("panns", (201, 64, 1), n_labels=11, variant="cnn10")
    >>> pretrained.load(network, "Cnn10_mAP=0.380.pth")[:2]
    ['bn0', 'conv_block1_conv1']
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from kerasinst.core import console
from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained import keras_hub_preset, model_file, npz_file, panns_checkpoint, yamnet_weights
from kerasinst.networks.pretrained.front_end import describe, refuse_other
from kerasinst.networks.pretrained.layer_weights import Weights, fill, weighted
from kerasinst.networks.pretrained.npz_file import save
from kerasinst.runs import Run

__all__ = ["describe", "load", "save"]

READERS: dict[str, Callable[[keras.Model, Path], Weights]] = {
    ".pth": lambda network, path: Weights(panns_checkpoint.pairs(network, path)),
    ".h5": lambda network, path: Weights(yamnet_weights.pairs(network, path)),
    ".keras": model_file.read,
    ".npz": npz_file.read,
}
"""Functions that read weights, by the suffix of the file."""


def load(network: keras.Model, source: str | Path, *, frontend: Mapping[str, Any] | None = None) -> list[str]:
    """Copies weights into the layers of a network that they fit, and leaves the other layers as they are.

    A remark on stderr says once which layers were filled and which were not.

    Args:
        network: a model of `networks`.
        source: a checkpoint of PANNs (`.pth`), YAMNet's `yamnet.h5`, a run directory or its `model.keras`, an `.npz` of
            `save`, or a preset of keras-hub, such as `resnet_18_imagenet`: its name, `hf://...` or folder.
        frontend: description of the network's front end by `describe`. Runs and `.npz` files hold that of their own,
            which must be the same.

    Returns:
        Names of the layers that were filled. The layer of the scores is among them only if there are as many labels.

    Raises:
        BadInput: if the source cannot be read, nothing in it fits but a normalisation, or it was trained with another
            front end.
    """
    found = _read(network, str(source))
    if frontend is not None and found.frontend is not None:
        refuse_other(found.frontend, frontend, source=source)
    filled = fill(network, found.pairs, source=source)
    left = [layer.name for layer in weighted(network) if layer.name not in filled]
    console.say_once(
        f"{source}: {len(filled)} of {len(filled) + len(left)} layers start from these weights"
        + (f"; new: {', '.join(left)}" if left else "")
    )
    return filled


def _read(network: keras.Model, source: str) -> Weights:
    """Reads the weights of a source of any kind."""
    path = Path(source).expanduser()
    if "://" in source or (not path.exists() and re.fullmatch(r"\w+", source)):
        return Weights(keras_hub_preset.pairs(network, source))
    if not path.exists():
        raise BadInput(f"{path}: there is no such file or folder; give the path of downloaded weights or of a run")
    if path.is_dir():
        return _of_folder(network, path)
    if path.suffix not in READERS:
        raise BadInput(f"{path}: weights are read from {', '.join(READERS)}, not from '{path.suffix}'")
    return READERS[path.suffix](network, path)


def _of_folder(network: keras.Model, folder: Path) -> Weights:
    """Reads the weights of a run, or of a preset in a folder."""
    if Run(folder).has("model"):
        return model_file.read(network, Run(folder).model_file)
    if (folder / "config.json").is_file():
        return Weights(keras_hub_preset.pairs(network, str(folder)))
    raise BadInput(f"{folder}: neither a run (no model.keras) nor a preset of keras-hub (no config.json); give either")
