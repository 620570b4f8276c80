"""MobileNetV3-Small: inverted residuals with squeeze-and-excite and hard-swish, for phones."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor

BLOCKS: Sequence[tuple[float, int, int, int, bool, str]] = (
    (1, 16, 3, 2, True, "relu"),
    (72 / 16, 24, 3, 2, False, "relu"),
    (88 / 24, 24, 3, 1, False, "relu"),
    (4, 40, 5, 2, True, "hard_swish"),
    (6, 40, 5, 1, True, "hard_swish"),
    (6, 40, 5, 1, True, "hard_swish"),
    (3, 48, 5, 1, True, "hard_swish"),
    (3, 48, 5, 1, True, "hard_swish"),
    (6, 96, 5, 2, True, "hard_swish"),
    (6, 96, 5, 1, True, "hard_swish"),
    (6, 96, 5, 1, True, "hard_swish"),
)
"""Of each block: factor by which it expands the filters before it, filters, kernel size, strides, whether it uses
squeeze-and-excite, and activation."""


def mobilenet_v3_small(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    width: float = 1.0,
    dense_units: int = 1024,
    minimalistic: bool = False,
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the MobileNetV3-Small of Howard, A. et al. (2019), Searching for MobileNetV3, ICCV.

    2,554,968 parameters and 56.5 million multiply-adds on 224 x 224 x 3 features with 1000 labels; 1,537,880 and 7.28
    million on 96 x 64 x 1 with 8. It computes what `keras.applications.MobileNetV3Small` computes without its
    preprocessing.

    All layers quantise to integers in TFLite after training. Quantisation-aware training does not take hard-swish and
    the multiplication of squeeze-and-excite; `minimalistic` does without both. Squeeze-and-excite does not stream,
    since it averages over all frames. The `minimalistic` convolutions stream: they keep as many frames as their kernels
    are long, and look ahead by half.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        width: factor by which all numbers of filters are multiplied, which are then rounded to multiples of 8.
        dense_units: number of units of the hidden dense layer, multiplied by `width` if that is above 1.
        minimalistic: whether to use ReLU and kernels of 3 throughout, and no squeeze-and-excite.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

    Raises:
        ValueError: if width is not positive.

    Example:
        >>> mobilenet_v3_small((96, 64, 1), 8, width=0.5, minimalistic=True).output_shape
        (None, 8)
    """
    if width <= 0:
        raise ValueError(f"width={width} must be positive")
    swish = "relu" if minimalistic else "hard_swish"
    inputs = keras.Input(input_shape, name="features")
    hidden = _convolve(inputs, 16, 3, swish, strides=2)
    for expansion, filters, kernel_size, strides, excites, function in BLOCKS:
        if minimalistic:
            kernel_size, excites, function = 3, False, "relu"
        hidden = _block(hidden, expansion, _multiple_of_8(width * filters), kernel_size, strides, excites, function)
    hidden = _convolve(hidden, _multiple_of_8(6 * hidden.shape[-1]), 1, swish)
    hidden = layers.GlobalAveragePooling2D()(hidden)
    hidden = layers.Dense(_multiple_of_8(max(1.0, width) * dense_units), activation=swish)(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="mobilenet_v3_small")


def _multiple_of_8(filters: float) -> int:
    """Gives the nearest multiple of 8, but at least 8, and not more than a tenth below."""
    nearest = max(8, int(filters + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * filters else nearest


def _block(
    inputs: Tensor, expansion: float, filters: int, kernel_size: int, strides: int, excites: bool, activation: str
) -> Tensor:
    """Adds an inverted residual: expansion, depthwise convolution, squeeze-and-excite, projection."""
    expanded = _multiple_of_8(expansion * inputs.shape[-1])
    hidden = inputs if expansion == 1 else _convolve(inputs, expanded, 1, activation)
    hidden = layers.DepthwiseConv2D(kernel_size, strides, padding="same", use_bias=False)(hidden)
    hidden = layers.Activation(activation)(layers.BatchNormalization(momentum=0.9)(hidden))
    if excites:
        hidden = _squeeze_and_excite(hidden)
    hidden = layers.Conv2D(filters, 1, use_bias=False)(hidden)
    hidden = layers.BatchNormalization(momentum=0.9)(hidden)
    return layers.Add()([inputs, hidden]) if hidden.shape == inputs.shape else hidden


def _squeeze_and_excite(hidden: Tensor) -> Tensor:
    """Weighs the channels by weights that are computed from their means (Hu et al., 2018)."""
    count = hidden.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True)(hidden)
    weights = layers.Conv2D(_multiple_of_8(count / 4), 1, activation="relu")(weights)
    weights = layers.Conv2D(count, 1, activation="hard_sigmoid")(weights)
    return layers.Multiply()([hidden, weights])


def _convolve(hidden: Tensor, filters: int, kernel_size: int, activation: str, strides: int = 1) -> Tensor:
    """Adds a convolution, batch normalisation and an activation."""
    hidden = layers.Conv2D(filters, kernel_size, strides, padding="same", use_bias=False)(hidden)
    return layers.Activation(activation)(layers.BatchNormalization(momentum=0.9)(hidden))
