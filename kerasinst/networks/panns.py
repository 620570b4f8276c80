"""PANNs: the pretrained audio neural networks Cnn6, Cnn10 and Cnn14, one for each channel of the picture."""

import keras
from keras import layers

from kerasinst.networks.layers.shapes import channels_apart, pooled

# Of each variant: filters of its blocks, kernel and number of the convolutions of a block.
VARIANTS = {
    "cnn6": ((64, 128, 256, 512), 5, 1),
    "cnn10": ((64, 128, 256, 512), 3, 2),
    "cnn14": ((64, 128, 256, 512, 1024, 2048), 3, 2),
}


def panns(
    input_shape,
    n_labels,
    *,
    variant="cnn14",
    width=1.0,
    embedding=None,
    head_units=(),
    conv_dropout=0.2,
    dense_dropout=0.5,
    activation="softmax",
):
    """Builds a network of Kong, Q. et al. (2020), PANNs, IEEE/ACM TASLP, over log-mel pictures in decibels.

    With 527 labels on pictures of 1001 x 64 x 1 (10 s), Cnn6 has 4,837,455 trained parameters and 9.93 billion
    multiply-adds, Cnn10 5,219,279 and 13.0 billion, Cnn14 80,753,615 and 20.0 billion. On one channel without
    `head_units` it computes what the published code computes (with `activation="sigmoid"`), and
    `networks.pretrained.load` reads the published weights, which expect the `panns` presets of the `log_mel` front end.

    On several channels each has a network of its own up to its embedding, and the embeddings are joined. The irmas
    study's model 2.3 is `variant="cnn10", head_units=(768, 512)` on three channels: 3 x 512 = 1536 features, then
    dense layers of 768, 512 and 11 with batch normalisation, ReLU and dropout.

    Args:
        input_shape: `(frames, bins, channels)`; the published weights are for 64 bins.
        n_labels: scores per picture.
        variant: "cnn6", "cnn10" or "cnn14".
        width: factor on all filters.
        embedding: features of each channel; None is as many as the last block's filters, as published: 512, 512, 2048.
        head_units: of each hidden dense layer between the embeddings and the scores.
        conv_dropout: after each block.
        dense_dropout: before the embedding, and after each of `head_units`.
        activation: of the scores; the published one is "sigmoid".

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
    pictures = channels_apart(inputs)
    features = []
    for number, picture in enumerate(pictures, start=1):
        prefix = f"branch{number}_" if len(pictures) > 1 else ""
        features.append(_embed(picture, variant, width, embedding, conv_dropout, dense_dropout, prefix))
    hidden = layers.Concatenate()(features) if len(features) > 1 else features[0]
    for units in head_units:
        hidden = layers.BatchNormalization(momentum=0.9)(layers.Dense(units, use_bias=False)(hidden))
        hidden = layers.Dropout(dense_dropout)(layers.ReLU()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="panns")


def _embed(hidden, variant, width, embedding, conv_dropout, dense_dropout, prefix):
    """One channel's network; layers are named as in the published code, so that its weights find them."""
    filters, kernel_size, convolutions = VARIANTS[variant]
    filters = [max(1, round(width * count)) for count in filters]
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


def _normalise(hidden, name, axis=-1):
    return layers.BatchNormalization(axis=axis, momentum=0.9, epsilon=1e-5, name=name)(hidden)
