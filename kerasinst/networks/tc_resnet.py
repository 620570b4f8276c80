"""TC-ResNet: a residual CNN through time, with the bins as channels."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor


def tc_resnet(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (16, 24, 32, 48),
    kernel_size: int = 9,
    width: float = 1.0,
    dropout: float = 0.5,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the TC-ResNet8 of Choi, S. et al., Temporal Convolution for Real-time Keyword Spotting (Interspeech 2019).

    65,836 parameters and 1.52 million multiply-adds on 98 x 40 x 1 features with 12 labels. All bins of a frame are
    channels of one vector, so convolutions run over time alone, which takes far fewer multiply-adds than over bins and
    frames. The first convolution is 3 frames long; each stage then halves the frames. Unlike the published network,
    ours has a bias at the scores. All layers quantise to integers. They stream with as many kept frames
    as their kernels are long, but look ahead by half a kernel; the average streams as a running mean.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of the first convolution and of each stage.
        kernel_size: length of the stages' kernels, in frames.
        width: factor by which all numbers of filters are multiplied.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

    Raises:
        ValueError: if there is no convolution, or width is not positive.

    Example:
        >>> tc_resnet((98, 40, 1), 12, width=0.5).count_params() < 20_000
        True
    """
    if not filters or width <= 0:
        raise ValueError(f"filters={list(filters)}, width={width}: at least one convolution, and width above 0")
    channels = [max(1, int(width * count)) for count in filters]
    frames, bins, depth = input_shape
    inputs = keras.Input(input_shape, name="features")
    hidden = layers.Reshape((frames, 1, bins * depth))(inputs)
    hidden = layers.ReLU()(_convolve(hidden, channels[0], 3))
    for count in channels[1:]:
        hidden = _stage(hidden, count, kernel_size)
    hidden = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="tc_resnet")


def _stage(inputs: Tensor, filters: int, kernel_size: int) -> Tensor:
    """Adds two convolutions with a shortcut, which is a convolution itself where the number of filters changes."""
    strides = 1 if inputs.shape[-1] == filters else 2
    shortcut = inputs if strides == 1 else layers.ReLU()(_convolve(inputs, filters, 1, strides))
    hidden = layers.ReLU()(_convolve(inputs, filters, kernel_size, strides))
    return layers.ReLU()(layers.Add()([shortcut, _convolve(hidden, filters, kernel_size)]))


def _convolve(hidden: Tensor, filters: int, kernel_size: int, strides: int = 1) -> Tensor:
    """Adds a convolution over time and batch normalisation."""
    hidden = layers.Conv2D(filters, (kernel_size, 1), (strides, 1), padding="same", use_bias=False)(hidden)
    return layers.BatchNormalization(momentum=0.9)(hidden)
