"""The audioset4 CNN: eight convolutions of kernel 2 over mel spectrograms."""

import keras
from keras import layers

from kerasinst.networks.layers.shapes import pooled


def audioset4(
    input_shape,
    n_labels,
    *,
    filters=(8, 8, 16, 16, 32, 32, 64, 64),
    kernel_size=2,
    pool_size=2,
    convolutions_per_pool=2,
    activation="softmax",
):
    """Builds the CNN of "Music and Instrument Classification" (piano, drums, flute, other).

    106,516 parameters and 130 million multiply-adds on 801 x 128 x 1 pictures (10 s) with 4 labels. The convolutions
    are not padded. The study does not say after which of them it pools; after each is impossible, since 128 bins would
    be used up by the seventh, so the default is after each pair. Where a side becomes shorter than the kernel it is
    padded up to it, which only happens to pictures much smaller than the study's.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        filters: of each convolution.
        kernel_size: of all convolutions, square.
        pool_size: of the max-pooling, square; sides that are shorter are not pooled.
        convolutions_per_pool: how many convolutions stand before each pooling.
        activation: of the scores.

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


def _at_least(hidden, size):
    """Pads frames and bins with zeros up to a size, where they are shorter."""
    missing = [max(0, size - side) for side in hidden.shape[1:3]]
    return layers.ZeroPadding2D(((0, missing[0]), (0, missing[1])))(hidden) if any(missing) else hidden
