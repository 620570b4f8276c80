"""What a network costs, as its graph says."""

import math

import keras

RECURRENT = (keras.layers.RNN, keras.layers.Bidirectional)
"""Layers that use their kernels once in each frame of their input."""


def multiply_adds(network: keras.Model) -> int:
    """Counts the multiply-adds of the layers with kernels for one segment.

    A kernel is used once at each place of its layer's output, and one of a recurrent layer once in each frame. Biases,
    normalization, pooling and activations are not counted.

    Args:
        network: network with one fixed shape of features.

    Example:
        >>> multiply_adds(networks.create("tc_resnet", (98, 40, 1), n_labels=12))
        1522560
    """
    return sum(_of_layer(layer) for layer in network.layers)


def _of_layer(layer: keras.layers.Layer) -> int:
    """Counts the multiply-adds of one layer."""
    if isinstance(layer, keras.Model):
        return multiply_adds(layer)
    kernels = [weight for weight in layer.weights if len(weight.shape) > 1 and weight.name != "bias"]
    if not kernels:
        return 0
    places = layer.input.shape[1] if isinstance(layer, RECURRENT) else math.prod(layer.output.shape[1:-1])
    return places * sum(math.prod(kernel.shape) for kernel in kernels)
