"""The ee5180 CNN: three convolutions and three dense layers over MFCC."""

from collections.abc import Sequence

import keras
from keras import layers


def ee5180(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    conv_filters: Sequence[int] = (40, 32, 16),
    kernel_sizes: Sequence[int] = (1, 5, 1),
    conv_dropout: float = 0.2,
    dense_units: Sequence[int] = (64, 16, 12),
    dense_dropouts: Sequence[float] = (0.2, 0.2, 0.1),
    activation: str = "softmax",
) -> keras.Model:
    """Builds the CNN of "CNN based Music Instrument Classification" (EE5180, group 4).

    3,694,813 parameters and 120 million multiply-adds on 275 x 13 x 1 features with 5 labels; nearly all parameters
    are in the first dense layer, nearly all multiply-adds in the second convolution. There may be any number of
    convolutions and of dense layers, including none, as the ablations need.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        conv_filters: number of filters of each convolution.
        kernel_sizes: side of the square kernel of each convolution; further ones are not used.
        conv_dropout: dropout rate after each convolution.
        dense_units: number of units of each hidden dense layer.
        dense_dropouts: dropout rate after each hidden dense layer; further ones are not used.
        activation: activation of the scores.

    Raises:
        ValueError: if there are fewer kernels than filters or fewer dropouts than dense layers.

    Example:
        >>> ee5180((275, 13, 1), 5, conv_filters=(40, 32), kernel_sizes=(1, 5)).output_shape
        (None, 5)
    """
    if len(kernel_sizes) < len(conv_filters):
        raise ValueError(f"kernel_sizes {list(kernel_sizes)} are fewer than conv_filters {list(conv_filters)}")
    if len(dense_dropouts) < len(dense_units):
        raise ValueError(f"dense_dropouts {list(dense_dropouts)} are fewer than dense_units {list(dense_units)}")
    inputs = hidden = keras.Input(input_shape, name="features")
    for filters, kernel_size in zip(conv_filters, kernel_sizes, strict=False):
        hidden = layers.Conv2D(filters, kernel_size, padding="same", activation="relu")(hidden)
        hidden = layers.Dropout(conv_dropout)(hidden)
    hidden = layers.Flatten()(hidden)
    for units, dropout in zip(dense_units, dense_dropouts, strict=False):
        hidden = layers.Dense(units, activation="relu")(hidden)
        hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="ee5180")
