"""A compact network with two views of a picture: as an image, and as a row of spectra."""

import keras
from keras import layers, regularizers

from kerasinst.networks.pooling import MeanDeviation


def two_branch(
    input_shape,
    n_labels,
    image_filters=(16, 24, 32),
    image_units=32,
    time_filters=(64, 64, 64),
    width=1.0,
    branch_dropout=0.0,
    dropout=0.3,
    penalty=0.0,
    activation="softmax",
):
    """Builds the network that `experiments/best.yaml` fine-tunes.

    58,613 parameters and 3.4 million multiply-adds on 87 x 64 x 1 pictures with 5 labels. The first branch is an image
    network: convolutions with stride 2 over frames and bins, then one over all bins that are left. The second one
    hears all bins at once: convolutions over time only, as in TC-ResNet (Choi et al., Interspeech 2019). The mean and
    the deviation over time of both are what the scores are made from (statistics pooling; Snyder et al., X-vectors,
    ICASSP 2018). All convolutions quantise to integers and stream.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        image_filters: of each convolution over the image.
        image_units: of the convolution over all bins that follows them.
        time_filters: of each convolution over time; as many as `image_filters`.
        width: factor on all of them.
        branch_dropout: how often a whole branch is left out while training, so that each learns to do without the other
            (Neverova et al., ModDrop, PAMI 2016).
        dropout: before the scores.
        penalty: of the squared weights of the scores, in the loss; with all else frozen and no dropout, the scores are
            a logistic regression, as scikit-learn fits it with `C = 1 / (2 * penalty * samples)`.
        activation: of the scores.

    Raises:
        ValueError: if the branches are not of the same length, or have none.

    Example:
        >>> two_branch((87, 64, 1), 5).output_shape
        (None, 5)
    """
    if not image_filters or len(image_filters) != len(time_filters) or width <= 0:
        raise ValueError(
            f"image_filters={list(image_filters)}, time_filters={list(time_filters)}, width={width}: give as many of "
            "both, at least one, so that their frames match"
        )
    inputs = image = keras.Input(input_shape, name="features")
    frames, bins, channels = input_shape
    for index, filters in enumerate(image_filters):
        image = _convolution(image, round(width * filters), 3 if index else 5, strides=2)
    image = _convolution(image, round(width * image_units), (1, image.shape[2]), padding="valid")
    time = layers.Reshape((frames, 1, bins * channels))(inputs)
    time = layers.BatchNormalization(momentum=0.9)(time)
    for filters in time_filters:
        time = _convolution(time, round(width * filters), (3, 1), strides=2)
    branches = []
    for branch in (image, time):
        pooled = layers.BatchNormalization(momentum=0.9, center=False, scale=False)(MeanDeviation()(branch))
        branches.append(layers.Dropout(branch_dropout, noise_shape=(None, 1))(pooled))
    hidden = layers.Dropout(dropout)(layers.Concatenate()(branches))
    scores = layers.Dense(
        n_labels, activation=activation, kernel_regularizer=regularizers.L2(penalty), dtype="float32", name="scores"
    )(hidden)
    return keras.Model(inputs, scores, name="two_branch")


def _convolution(inputs, filters, kernel_size, strides=1, padding="same"):
    hidden = layers.Conv2D(max(4, filters), kernel_size, strides=strides, padding=padding, use_bias=False)(inputs)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
