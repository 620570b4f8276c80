"""Presets of keras-hub, such as ResNet-18 trained on ImageNet."""

from collections.abc import Iterator

import keras
import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.layer_weights import Pair, Stored, weighted


def pairs(network: keras.Model, preset: str) -> Iterator[Pair]:
    """Pairs the layers of a `resnet18` network with the arrays of the same name in a preset.

    Raises:
        BadInput: if keras-hub is not installed, or cannot load the preset.
    """
    theirs = {layer.name: layer.get_weights() for layer in weighted(_backbone(preset))}
    for layer in weighted(network):
        if layer.name in theirs:
            arrays = theirs[layer.name]
            if layer.name == "conv1_conv":
                arrays = [_for_channels(arrays[0], layer.kernel.shape[2])]
            yield layer, [Stored(array.shape, array.copy) for array in arrays]


def _backbone(preset: str) -> keras.Model:
    """Loads the preset without its head."""
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
    """Adapts the kernel of a first convolution to any number of channels, so that the sum over channels stays."""
    if kernel.shape[2] == channels:
        return kernel
    return np.repeat(kernel.sum(axis=2, keepdims=True) / channels, channels, axis=2)
