"""What a network costs, as its graph says."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

RECURRENT = (keras.layers.RNN, keras.layers.Bidirectional)
"""Layers that use their kernels once in each frame of their input."""
TRAINING_ONLY = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.GaussianNoise,
)
"""Layers that do nothing outside of training."""
DECIDES = (
    "activation",
    "strides",
    "pool_size",
    "dilation_rate",
    "padding",
    "axis",
    "target_shape",
    "unroll",
    "keepdims",
)
"""Options of layers that decide what they compute, beside the shapes of their output and weights."""


@contextmanager
def without_weights() -> Iterator[None]:
    """Lets networks that are built in the block know the shapes of their weights, but hold none.

    So a network takes no memory, however large it is, and can only be asked for its shapes.
    """
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute("uninitialized_variables", [])  # or Keras would make them later


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


def structure(network: keras.Model) -> list[list[str]]:
    """Describes what a network computes for one segment, up to the values of its weights.

    Networks that differ in dropout, regularization or initialization alone have the same structure, and cost the same.

    Args:
        network: network with one fixed shape of features.

    Returns:
        For each layer that works outside of training, its class, its options and the shapes of its output and weights.
    """
    described = []
    for layer in network.layers:
        if isinstance(layer, TRAINING_ONLY):
            continue
        options = {name: value for name, value in layer.get_config().items() if name in DECIDES}
        shapes = [layer.output.shape, *(weight.shape for weight in layer.weights)]
        described.append([type(layer).__name__, str(sorted(options.items(), key=str)), str(list(map(tuple, shapes)))])
    return described
