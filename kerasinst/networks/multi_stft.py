"""The irmas study's models 1 and 2: a small CNN for each of several spectrograms, joined by dense layers."""

import keras
from keras import layers

from kerasinst.networks.layers.shapes import channels_apart, pooled


def multi_stft(
    input_shape,
    n_labels,
    *,
    filters=(8, 16, 32),
    kernel_size=3,
    dense_units=(128,),
    dropout=0.3,
    activation="softmax",
):
    """Builds the CNN of "Single label instrument classifier" over the pictures of the `multi_stft` front end.

    Each channel has a branch of its own, since the pictures of different windows and frequency scales do not lie over
    one another; the branches are of the same shape and share no weights. A branch is, for each of `filters`, a
    convolution, batch normalisation, ReLU and max-pooling; frames are then averaged and bins are not. The study gives
    its structure and not its sizes: these are ours.

    Model 1 is the default on nine pictures: 498,419 parameters and 48 million multiply-adds on 87 x 96 x 9 pictures
    with 11 labels. Model 2, deeper on three pictures, is `filters=(16, 32, 64, 128), dense_units=(256, 128)`: 918,011
    parameters and 87 million multiply-adds on 87 x 96 x 3 pictures.

    Args:
        input_shape: `(frames, bins, channels)`; any number of channels.
        n_labels: scores per picture.
        filters: of each convolution of a branch.
        kernel_size: of the convolutions, square.
        dense_units: of each hidden dense layer after the branches are joined.
        dropout: before each dense layer.
        activation: of the scores; the study's is "sigmoid".

    Raises:
        ValueError: if there is no convolution.

    Example:
        >>> multi_stft((87, 96, 9), 11).output_shape
        (None, 11)
    """
    if not filters:
        raise ValueError("filters is empty: give at least one convolution")
    inputs = keras.Input(input_shape, name="features")
    branches = [_branch(picture, filters, kernel_size) for picture in channels_apart(inputs)]
    hidden = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    for units in dense_units:
        hidden = layers.Dense(units, activation="relu")(layers.Dropout(dropout)(hidden))
    hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="multi_stft")


def _branch(hidden, filters, kernel_size):
    for count in filters:
        hidden = layers.Conv2D(count, kernel_size, padding="same", use_bias=False)(hidden)
        hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
        hidden = pooled(hidden, layers.MaxPooling2D)
    return layers.Flatten()(layers.AveragePooling2D((hidden.shape[1], 1))(hidden))
