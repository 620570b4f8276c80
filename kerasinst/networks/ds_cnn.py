"""DS-CNN: the depthwise-separable CNN with which MLPerf Tiny benchmarks microcontrollers."""

import keras
from keras import layers

from kerasinst.core.types import Tensor


def ds_cnn(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: int = 64,
    blocks: int = 4,
    kernel_size: tuple[int, int] = (10, 4),
    width: float = 1.0,
    dropout: float = 0.4,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the keyword-spotting network of MLPerf Tiny (Banbury et al., 2021; Zhang et al., Hello Edge, 2017).

    24,332 parameters and 2.66 million multiply-adds on 49 x 10 x 1 features with 12 labels. A strided convolution over
    10 frames and 4 bins, then depthwise-separable ones, averaged over frames and bins. Unlike ours, the reference has
    biases before its batch normalisations, which cancel them, leaves an odd last frame out of its pooling, and decays
    its weights. All layers quantise to integers. They stream with as many kept frames as their kernels are long, but
    look ahead by half a kernel; the average streams as a running mean.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of all convolutions.
        blocks: number of depthwise-separable convolutions.
        kernel_size: size of the first convolution's kernel, in frames and bins.
        width: factor by which `filters` is multiplied.
        dropout: dropout rate before the scores; the rate after the first convolution is half of it.
        activation: activation of the scores.

    Raises:
        ValueError: if width or blocks is not positive.

    Example:
        >>> ds_cnn((49, 10, 1), 12, width=0.5).count_params() < 10_000
        True
    """
    if width <= 0 or blocks < 1:
        raise ValueError(f"width={width}, blocks={blocks}: both must be positive")
    count = max(4, round(width * filters))
    inputs = keras.Input(input_shape, name="features")
    hidden = _activate(layers.Conv2D(count, kernel_size, 2, padding="same", use_bias=False)(inputs))
    hidden = layers.Dropout(dropout / 2)(hidden)
    for _ in range(blocks):
        hidden = _activate(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(hidden))
        hidden = _activate(layers.Conv2D(count, 1, use_bias=False)(hidden))
    hidden = layers.GlobalAveragePooling2D()(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="ds_cnn")


def _activate(hidden: Tensor) -> Tensor:
    """Normalises a batch, and applies ReLU."""
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
