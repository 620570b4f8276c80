"""The audioset4 CNN: eight convolutions of kernel 2 over mel spectrograms."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.shapes import pooled


def audioset4(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (8, 8, 16, 16, 32, 32, 64, 64),
    kernel_size: int = 2,
    pool_size: int = 2,
    convolutions_per_pool: int = 2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the CNN of "Music and Instrument Classification" (piano, drums, flute, other).

    106,516 parameters and 130 million multiply-adds on 801 x 128 x 1 features (10 s) with 4 labels. The convolutions
    are not padded. The study does not say after which of them it pools; pooling after each is impossible, since 128
    bins would be used up by the seventh, so the default is after each pair. A side that becomes shorter than the kernel
    is padded up to it, which only happens to features much smaller than the study's.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of each convolution.
        kernel_size: side of the square kernels of all convolutions.
        pool_size: side of the square windows of max-pooling; sides of features that are shorter are not pooled.
        convolutions_per_pool: number of convolutions before each pooling.
        activation: activation of the scores.

    Raises:
        ValueError: if a size is below 1.

    Example:
        >>> audioset4((801, 128, 1), 4).output_shape
        (None, 4)
    """
    if min(kernel_size, pool_size, convolutions_per_pool) < 1:
        raise ValueError(
            f"kernel_size={kernel_size}, pool_size={pool_size}, convolutions_per_pool={convolutions_per_pool}: "
            "each must be at least 1"
        )
    inputs = hidden = keras.Input(input_shape, name="features")
    for index, count in enumerate(filters, start=1):
        hidden = _at_least(hidden, kernel_size)
        hidden = layers.Conv2D(count, kernel_size, activation="relu", kernel_initializer="he_normal")(hidden)
        if index % convolutions_per_pool == 0:
            hidden = pooled(hidden, layers.MaxPooling2D, size=(pool_size, pool_size))
    scores = layers.Dense(
        n_labels, activation=activation, kernel_initializer="he_normal", dtype="float32", name="scores"
    )(layers.Flatten()(hidden))
    return keras.Model(inputs, scores, name="audioset4")


def _at_least(hidden: Tensor, size: int) -> Tensor:
    """Pads frames and bins with zeros up to a size, where they are shorter."""
    missing = [max(0, size - side) for side in hidden.shape[1:3]]
    return layers.ZeroPadding2D(((0, missing[0]), (0, missing[1])))(hidden) if any(missing) else hidden
