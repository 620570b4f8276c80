"""PANNs: the pretrained audio neural networks Cnn6, Cnn10 and Cnn14, one for each channel of the features."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.shapes import channels_apart, pooled

VARIANTS: dict[str, tuple[tuple[int, ...], int, int]] = {
    "cnn6": ((64, 128, 256, 512), 5, 1),
    "cnn10": ((64, 128, 256, 512), 3, 2),
    "cnn14": ((64, 128, 256, 512, 1024, 2048), 3, 2),
}
"""Of each variant: filters of its blocks, kernel size and number of the convolutions of a block."""


def panns(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    variant: str = "cnn14",
    width: float = 1.0,
    embedding: int | None = None,
    head_units: Sequence[int] = (),
    conv_dropout: float = 0.2,
    dense_dropout: float = 0.5,
    activation: str = "softmax",
) -> keras.Model:
    """Builds a network of Kong, Q. et al. (2020), PANNs, IEEE/ACM TASLP, over log-mel spectrograms in decibels.

    With 527 labels on features of 1001 x 64 x 1 (10 s), Cnn6 has 4,837,455 trained parameters and 9.93 billion
    multiply-adds, Cnn10 5,219,279 and 13.0 billion, Cnn14 80,753,615 and 20.0 billion. On one channel without
    `head_units` it computes what the published code computes (with `activation="sigmoid"`), and
    `networks.pretrained.load` reads the published weights, which expect the `panns` presets of the `log_mel` front end.

    With several channels, each has a network of its own up to its embedding, and the embeddings are joined. The irmas
    study's model 2.3 is the network `irmas_panns`.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`; the published weights are for 64 bins.
        n_labels: number of labels.
        variant: name of the network: "cnn6", "cnn10" or "cnn14".
        width: factor by which all numbers of filters are multiplied.
        embedding: size of each channel's embedding; None is the number of the last block's filters, as published: 512,
            512, 2048.
        head_units: number of units of each hidden dense layer between the embeddings and the scores.
        conv_dropout: dropout rate after each block.
        dense_dropout: dropout rate before the embedding, and after each layer of `head_units`.
        activation: activation of the scores; the published one is "sigmoid".

    Raises:
        ValueError: if there is no such variant, or a size is not positive.

    Example:
        >>> panns((101, 64, 1), 11, variant="cnn6", width=0.25).output_shape
        (None, 11)
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant='{variant}' is none of {', '.join(VARIANTS)}")
    if width <= 0 or (embedding is not None and embedding < 1):
        raise ValueError(f"width={width}, embedding={embedding}: both must be positive")
    inputs = keras.Input(input_shape, name="features")
    channels = channels_apart(inputs)
    embeddings = []
    for number, channel in enumerate(channels, start=1):
        prefix = f"branch{number}_" if len(channels) > 1 else ""
        embeddings.append(_embed(channel, variant, width, embedding, conv_dropout, dense_dropout, prefix))
    hidden = layers.Concatenate()(embeddings) if len(embeddings) > 1 else embeddings[0]
    for units in head_units:
        hidden = layers.BatchNormalization(momentum=0.9)(layers.Dense(units, use_bias=False)(hidden))
        hidden = layers.Dropout(dense_dropout)(layers.ReLU()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="panns")


def _embed(
    hidden: Tensor,
    variant: str,
    width: float,
    embedding: int | None,
    conv_dropout: float,
    dense_dropout: float,
    prefix: str,
) -> Tensor:
    """Adds one channel's network, with layers that are named as in the published code, so that its weights fit."""
    full_width, kernel_size, convolutions = VARIANTS[variant]
    filters = [max(1, round(width * count)) for count in full_width]
    hidden = _normalise(hidden, f"{prefix}bn0", axis=2)  # of each bin, over all frames
    for block, count in enumerate(filters, start=1):
        for index in range(1, convolutions + 1):
            name = f"{prefix}conv_block{block}"
            hidden = layers.Conv2D(count, kernel_size, padding="same", use_bias=False, name=f"{name}_conv{index}")(
                hidden
            )
            hidden = layers.ReLU()(_normalise(hidden, f"{name}_bn{index}"))
        if block < 6:  # Cnn14's last block is not pooled
            hidden = pooled(hidden, layers.AveragePooling2D)
        hidden = layers.Dropout(conv_dropout)(hidden)
    hidden = layers.AveragePooling2D((1, hidden.shape[2]))(hidden)
    hidden = layers.Add()([layers.GlobalMaxPooling2D()(hidden), layers.GlobalAveragePooling2D()(hidden)])
    hidden = layers.Dropout(dense_dropout)(hidden)
    return layers.Dense(embedding or filters[-1], activation="relu", name=f"{prefix}fc1")(hidden)


def _normalise(hidden: Tensor, name: str, axis: int = -1) -> Tensor:
    """Adds batch normalisation with the epsilon of PyTorch."""
    return layers.BatchNormalization(axis=axis, momentum=0.9, epsilon=1e-5, name=name)(hidden)
