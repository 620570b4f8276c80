"""A compact network of four convolutions with strides, and statistics over time."""

import keras
from keras import layers, regularizers

from kerasinst.networks.layers.statistics_pooling import StatisticsPooling


def strided(
    input_shape,
    n_labels,
    *,
    filters=(16, 32, 48),
    kernel_sizes=(5, 3, 3),
    units=64,
    width=1.0,
    dropout=0.3,
    penalty=0.0,
    activation="softmax",
):
    """Builds the network that `experiments/best.yaml` fine-tunes (at `width=1.15`).

    44,949 parameters and 3.7 million multiply-adds on 87 x 64 x 1 pictures with 5 labels. Each convolution halves
    frames and bins; one more spans all bins that are left. The mean and the deviation over time of what it finds are
    what the scores are made from (statistics pooling; Snyder et al., X-vectors, ICASSP 2018). All convolutions quantise
    to integers and stream.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        filters: of each convolution.
        kernel_sizes: of each convolution, square.
        units: of the convolution over all bins.
        width: factor on filters and units.
        dropout: before the scores.
        penalty: of the squared weights of the scores, in the loss; with all else frozen and no dropout, the scores are
            a logistic regression, as scikit-learn fits it with `C = 1 / (2 * penalty * samples)`.
        activation: of the scores.

    Raises:
        ValueError: if there is no convolution, or not as many kernels as filters.

    Example:
        >>> strided((87, 64, 1), 5).output_shape
        (None, 5)
    """
    if not filters or len(filters) != len(kernel_sizes) or width <= 0:
        raise ValueError(
            f"filters={list(filters)}, kernel_sizes={list(kernel_sizes)}, width={width}: give as many of both, at "
            "least one, and a width above 0"
        )
    inputs = hidden = keras.Input(input_shape, name="features")
    for count, kernel_size in zip(filters, kernel_sizes, strict=True):
        hidden = _convolution(hidden, width * count, kernel_size, strides=2, padding="same")
    hidden = _convolution(hidden, width * units, (1, hidden.shape[2]))
    pooled = StatisticsPooling()(hidden)
    pooled = layers.BatchNormalization(momentum=0.9, center=False, scale=False)(pooled)
    pooled = layers.Dropout(dropout)(pooled)
    scores = layers.Dense(
        n_labels, activation=activation, kernel_regularizer=regularizers.L2(penalty), dtype="float32", name="scores"
    )(pooled)
    return keras.Model(inputs, scores, name="strided")


def _convolution(inputs, filters, kernel_size, **options):
    hidden = layers.Conv2D(max(4, round(filters)), kernel_size, use_bias=False, **options)(inputs)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
