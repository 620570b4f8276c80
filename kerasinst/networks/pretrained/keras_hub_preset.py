"""Presets of keras-hub, such as ResNet-18 trained on ImageNet."""

from collections.abc import Iterator

import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.stored import Pair, Stored, weighted


def pairs(network, preset: str) -> Iterator[Pair]:
    """Layers of a `resnet18` network, and the arrays of that name."""
    theirs = {layer.name: layer.get_weights() for layer in weighted(_backbone(preset))}
    for layer in weighted(network):
        if layer.name in theirs:
            arrays = theirs[layer.name]
            if layer.name == "conv1_conv":
                arrays = [_for_channels(arrays[0], layer.kernel.shape[2])]
            yield layer, [Stored(array.shape, array.copy) for array in arrays]


def _backbone(preset: str):
    try:
        import keras_hub
    except ImportError:
        raise BadInput(
            f"{preset}: presets are read by keras-hub, which is not installed: pip install keras-hub"
        ) from None
    try:
        return keras_hub.models.Backbone.from_preset(preset)
    except Exception as error:  # keras-hub and the libraries that it downloads with raise their own kinds
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadInput(f"{preset}: not a preset that keras-hub can load: {reason}") from None


def _for_channels(kernel: np.ndarray, channels: int) -> np.ndarray:
    """A first convolution for any number of channels, which together weigh what red, green and blue did."""
    if kernel.shape[2] == channels:
        return kernel
    return np.repeat(kernel.sum(axis=2, keepdims=True) / channels, channels, axis=2)
