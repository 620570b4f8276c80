"""The ee5180 CNN: three convolutions and three dense layers over MFCC pictures."""

import keras
from keras import layers


def ee5180(
    input_shape,
    n_labels,
    *,
    conv_filters=(40, 32, 16),
    kernel_sizes=(1, 5, 1),
    conv_dropout=0.2,
    dense_units=(64, 16, 12),
    dense_dropouts=(0.2, 0.2, 0.1),
    activation="softmax",
):
    """Builds the CNN of "CNN based Music Instrument Classification" (EE5180, group 4).

    3,694,813 parameters and 120 million multiply-adds on 275 x 13 x 1 pictures with 5 labels; nearly all parameters
    are in the first dense layer, nearly all multiply-adds in the second convolution. Filters, kernels, units and
    dropouts may be of any number, including none (the ablations).

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        conv_filters: of each convolution.
        kernel_sizes: of each convolution, square; those beyond the number of convolutions are not used.
        conv_dropout: after each convolution.
        dense_units: of each hidden dense layer.
        dense_dropouts: after each hidden dense layer; those beyond the number of dense layers are not used.
        activation: of the scores.

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
