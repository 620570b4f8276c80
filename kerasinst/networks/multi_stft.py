"""The irmas study's models 1 and 2: a small CNN for each of several spectrograms, joined by dense layers."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.shapes import channels_apart, pooled


def multi_stft(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (8, 16, 32),
    kernel_size: int = 3,
    dense_units: Sequence[int] = (128,),
    dropout: float = 0.3,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the CNN of "Single label instrument classifier" over the spectrograms of the `multi_stft`
    front end.

    Each channel has a branch of its own, since the bins of different windows and frequency scales do not coincide; the
    branches have the same structure and share no weights. A branch is, for each of `filters`, a
    convolution, batch normalisation, ReLU and max-pooling; frames are then averaged and bins are not. The study gives
    its structure and not its sizes: these are ours.

    Model 1 is the default on nine spectrograms: 498,419 parameters and 48 million multiply-adds on 87 x 96 x 9 features
    with 11 labels. Model 2, deeper on three spectrograms, is `filters=(16, 32, 64, 128), dense_units=(256, 128)`:
    918,011 parameters and 87 million multiply-adds on 87 x 96 x 3 features.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`; any number of channels.
        n_labels: number of labels.
        filters: number of filters of each convolution of a branch.
        kernel_size: side of the square kernels of the convolutions.
        dense_units: number of units of each hidden dense layer after the branches are joined.
        dropout: dropout rate before each dense layer.
        activation: activation of the scores; the study's is "sigmoid".

    Raises:
        ValueError: if there is no convolution.

    Example:
        >>> multi_stft((87, 96, 9), 11).output_shape
        (None, 11)
    """
    if not filters:
        raise ValueError("filters is empty: give at least one convolution")
    inputs = keras.Input(input_shape, name="features")
    branches = [_branch(channel, filters, kernel_size) for channel in channels_apart(inputs)]
    hidden = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    for units in dense_units:
        hidden = layers.Dense(units, activation="relu")(layers.Dropout(dropout)(hidden))
    hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="multi_stft")


def _branch(hidden: Tensor, filters: Sequence[int], kernel_size: int) -> Tensor:
    """Adds the branch of one channel."""
    for count in filters:
        hidden = layers.Conv2D(count, kernel_size, padding="same", use_bias=False)(hidden)
        hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
        hidden = pooled(hidden, layers.MaxPooling2D)
    return layers.Flatten()(layers.AveragePooling2D((hidden.shape[1], 1))(hidden))
