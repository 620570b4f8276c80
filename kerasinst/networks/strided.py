"""A compact network of four convolutions with strides, and statistics over time."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, regularizers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling


def strided(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (16, 32, 48),
    kernel_sizes: Sequence[int] = (5, 3, 3),
    units: int = 64,
    width: float = 1.0,
    dropout: float = 0.3,
    penalty: float = 0.0,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the network that `experiments/best.yaml` fine-tunes (at `width=1.15`).

    44,949 parameters and 3.7 million multiply-adds on 87 x 64 x 1 features with 5 labels. Each convolution halves
    frames and bins; a last one spans all bins that are left. The scores are computed from the mean and the standard
    deviation of its output over time (statistics pooling; Snyder et al., X-vectors, ICASSP 2018). All convolutions
    quantise to integers and stream.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of each convolution.
        kernel_sizes: side of the square kernel of each convolution.
        units: number of filters of the convolution over all bins.
        width: factor by which `filters` and `units` are multiplied.
        dropout: dropout rate before the scores.
        penalty: weight, in the loss, of the squared weights of the last layer. If all other layers are frozen and there
            is no dropout, the last layer is a logistic regression, as scikit-learn fits it with
            `C = 1 / (2 * penalty * samples)`.
        activation: activation of the scores.

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


def _convolution(inputs: Tensor, filters: float, kernel_size: int | tuple[int, int], **options: Any) -> Tensor:
    """Adds a convolution, batch normalisation and ReLU."""
    hidden = layers.Conv2D(max(4, round(filters)), kernel_size, use_bias=False, **options)(inputs)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
