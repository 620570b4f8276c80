"""The irmas study's model 2.3: a branch of PANNs features for each of three spectrograms, joined by dense layers."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.shapes import channels_apart, pooled


def irmas_panns(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (64, 128, 256, 512),
    dense_units: Sequence[int] = (1536, 768, 512),
    conv_dropout: float = 0.2,
    dense_dropout: float = 0.5,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the network of "Single label instrument classifier", model 2.3.

    8,598,603 trained parameters and 1.35 billion multiply-adds on 87 x 96 x 3 features with 11 labels. Of these,
    1,550,784 are in each branch, which is the first convolution of each block of PANNs' Cnn10 with its batch
    normalisation, and 3,946,251 in the dense layers, each with batch normalisation, ReLU and dropout.
    `networks.pretrained.load` fills the branches from the published checkpoint, `Cnn10_mAP=0.380.pth`. The study does
    not say how a branch becomes 512 values; here, as in PANNs, the largest and the mean value over frames are added.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`, with a branch for each channel.
        n_labels: number of labels.
        filters: number of filters of each block of a branch.
        dense_units: number of units of each hidden dense layer after the branches are joined.
        conv_dropout: dropout rate after each block.
        dense_dropout: dropout rate after each dense layer.
        activation: activation of the scores; the study's is "sigmoid".

    Raises:
        ValueError: if there is no block.

    Example:
        >>> irmas_panns((87, 96, 3), 11).output_shape
        (None, 11)

    Source: Kong, Q. et al. (2020), PANNs, IEEE/ACM TASLP, for the branches.
    """
    if not filters:
        raise ValueError("filters is empty: give at least one block")
    inputs = keras.Input(input_shape, name="features")
    branches = [
        _branch(channel, filters, dropout=conv_dropout, prefix=f"branch{number}_")
        for number, channel in enumerate(channels_apart(inputs), start=1)
    ]
    hidden = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    for units in dense_units:
        hidden = layers.BatchNormalization(momentum=0.9)(layers.Dense(units)(hidden))
        hidden = layers.Dropout(dense_dropout)(layers.ReLU()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="irmas_panns")


def _branch(hidden: Tensor, filters: Sequence[int], *, dropout: float, prefix: str) -> Tensor:
    """Adds the branch of one channel, with layers that are named as in PANNs' code, so that its weights fit."""
    for block, count in enumerate(filters, start=1):
        name = f"{prefix}conv_block{block}"
        hidden = layers.Conv2D(count, 3, padding="same", use_bias=False, name=f"{name}_conv1")(hidden)
        hidden = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn1")(hidden)
        hidden = layers.Dropout(dropout)(pooled(layers.ReLU()(hidden), layers.AveragePooling2D))
    hidden = layers.AveragePooling2D((1, hidden.shape[2]))(hidden)
    return layers.Add()([layers.GlobalMaxPooling2D()(hidden), layers.GlobalAveragePooling2D()(hidden)])
