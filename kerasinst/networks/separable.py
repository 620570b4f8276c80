"""A compact residual CNN of depthwise-separable convolutions, for devices."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor


def separable(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (24, 32, 48, 64),
    blocks: int = 2,
    kernel_size: int = 3,
    width: float = 1.0,
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds a small residual CNN for any features.

    20,232 parameters on 87 x 64 x 1 features with 8 labels. A strided convolution, then stages that halve frames and
    bins, each of `blocks` depthwise-separable convolutions (Howard et al., MobileNets, 2017) with shortcuts around
    those that keep the shape (He et al., 2016). Frames are then averaged but bins are not, since the
    frequency of a sound tells instruments apart, and its moment does not. All layers quantise to integers.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of each stage.
        blocks: number of blocks of each stage.
        kernel_size: side of the square kernels of the depthwise convolutions.
        width: factor by which all numbers of filters are multiplied.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

    Raises:
        ValueError: if there is no stage or block.

    Example:
        >>> separable((87, 64, 1), 8, width=0.5).count_params() < 10_000
        True
    """
    if not filters or blocks < 1 or width <= 0:
        raise ValueError(f"filters={list(filters)}, blocks={blocks}, width={width}: at least one stage and block")
    channels = [max(4, round(width * count)) for count in filters]
    inputs = keras.Input(input_shape, name="features")
    hidden = layers.Conv2D(channels[0], 3, strides=2, padding="same", use_bias=False)(inputs)
    hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
    for stage, count in enumerate(channels):
        for block in range(blocks):
            hidden = _block(hidden, count, kernel_size, strides=2 if block == 0 and stage > 0 else 1)
    frames, bins = hidden.shape[1:3]
    hidden = layers.AveragePooling2D((frames, 1))(hidden)
    hidden = layers.Flatten()(layers.DepthwiseConv2D((1, bins), use_bias=False)(hidden))
    hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="separable")


def _block(inputs: Tensor, filters: int, kernel_size: int, strides: int) -> Tensor:
    """Adds a depthwise and a pointwise convolution, with a shortcut where the shape allows it."""
    hidden = layers.DepthwiseConv2D(kernel_size, strides=strides, padding="same", use_bias=False)(inputs)
    hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
    hidden = layers.Conv2D(filters, 1, use_bias=False)(hidden)
    hidden = layers.BatchNormalization(momentum=0.9)(hidden)
    if hidden.shape == inputs.shape:
        hidden = layers.Add()([inputs, hidden])
    return layers.ReLU()(hidden)
