"""A temporal convolutional network for sound event detection: scores frame by frame, without recurrence."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.frequency_pooling import frequency_pooled
from kerasinst.networks.layers.shapes import to_frames


def sed_tcn(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    n_frames: int | None = None,
    filters: Sequence[int] = (24, 32, 48),
    kernel_size: int = 3,
    pool_bins: Sequence[int] = (4, 4, 2),
    channels: int = 64,
    dilations: Sequence[int] = (1, 2, 4, 8, 16),
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds convolutions over the picture, and then dilated depthwise convolutions over the frames.

    67,051 parameters on 301 x 96 x 1 features (10 s) with 100 frames and 11 labels; the sizes are ours. The first part
    is that of `sed_crnn`. The second follows Bai et al., An Empirical Evaluation of Generic Convolutional and Recurrent
    Networks for Sequence Modeling (2018), with depthwise separable convolutions that see both sides. All layers
    quantise to integers.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        n_frames: number of frames that are scored; None gives the mean scores of all.
        filters: number of filters of each convolution over the picture.
        kernel_size: side of their square kernels.
        pool_bins: number of bins that are pooled after each of them.
        channels: number of channels of the convolutions over the frames.
        dilations: distance in frames between the values that each of them sees.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

    Raises:
        ValueError: if there are not as many numbers of bins as filters, or too few frames or bins.

    Example:
        >>> sed_tcn((301, 96, 1), 11, n_frames=100).output_shape
        (None, 100, 11)
    """
    inputs = keras.Input(input_shape, name="features")
    hidden = frequency_pooled(inputs, filters, kernel_size=kernel_size, pool_bins=pool_bins)
    hidden = to_frames(hidden, n_frames)
    frames, bins, depth = hidden.shape[1:]
    hidden = layers.Reshape((frames, 1, bins * depth))(hidden)
    hidden = _mix(hidden, channels)
    for dilation in dilations:
        convolved = layers.DepthwiseConv2D((3, 1), padding="same", dilation_rate=(dilation, 1), use_bias=False)(hidden)
        convolved = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(convolved))
        hidden = layers.Add()([hidden, _mix(convolved, channels)])
    hidden = layers.Dropout(dropout)(layers.Reshape((frames, channels))(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    if n_frames is None:
        scores = layers.GlobalAveragePooling1D()(scores)
    return keras.Model(inputs, scores, name="sed_tcn")


def _mix(hidden: Tensor, channels: int) -> Tensor:
    """Mixes the channels of each frame."""
    hidden = layers.Conv2D(channels, 1, use_bias=False)(hidden)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
