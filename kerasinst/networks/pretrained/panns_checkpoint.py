"""Checkpoints of PANNs, as published at zenodo.org/record/3987831."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import keras

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained import torch_file
from kerasinst.networks.pretrained.layer_weights import Pair, Stored, weighted


def pairs(network: keras.Model, path: Path) -> Iterator[Pair]:
    """Pairs the layers of a `panns` network, in each of its branches, with the arrays of the same name.

    Raises:
        BadInput: if the checkpoint cannot be read or lacks an array.
    """
    modules: dict[str, dict[str, Stored]] = defaultdict(dict)
    for name, array in torch_file.read(path).items():
        module, _, weight = name.removeprefix("module.").rpartition(".")
        modules[module.replace(".", "_")][weight] = array
    modules["scores"] = modules.pop("fc_audioset", {})
    for layer in weighted(network):
        name = layer.name
        if name.startswith("branch"):
            name = name.partition("_")[2]
        if modules.get(name):
            try:
                yield layer, _in_keras_order(modules[name])
            except KeyError as missing:
                raise BadInput(f"{path}: '{name}' lacks its {missing}; get the file anew") from None


def _in_keras_order(weights: dict[str, Stored]) -> list[Stored]:
    """Puts the arrays of a PyTorch module into the order of the Keras layer's weights, with their axes."""
    if "running_mean" in weights:
        return [weights[name] for name in ("weight", "bias", "running_mean", "running_var")]
    kernel = weights["weight"]
    axes = {4: (2, 3, 1, 0), 2: (1, 0)}.get(len(kernel.shape), range(len(kernel.shape)))
    return [kernel.transposed(*axes), *(weights[name] for name in ("bias",) if name in weights)]
