"""Pooling that keeps the standard deviation as well as the mean."""

import keras
from keras import ops

from kerasinst.core.types import Shape, Tensor

SMALL = 1e-5
"""Added to the variance, so that the root has a gradient at 0."""


@keras.saving.register_keras_serializable("kerasinst")
class StatisticsPooling(keras.layers.Layer):
    """Mean and standard deviation of each channel over frames and bins, side by side.

    How much a feature changes tells instruments apart as well as its mean does: a plucked string decays, a bowed one
    does not.

    Input shape: `(batch, frames, bins, channels)`.
    Output shape: `(batch, 2 * channels)`.

    Example:
        >>> StatisticsPooling()(np.ones((1, 11, 1, 96))).shape
        (1, 192)

    Source: Snyder et al., X-vectors, ICASSP 2018 (statistics pooling).
    """

    def call(self, features: Tensor) -> Tensor:
        """Computes the statistics."""
        mean = ops.mean(features, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(features - mean), axis=(1, 2))
        return ops.concatenate([mean[:, 0, 0], ops.sqrt(variance + SMALL)], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Gives the shape `(batch, 2 * channels)`."""
        batch, *_, channels = input_shape
        return (batch, None if channels is None else 2 * channels)


keras.saving.get_custom_objects()["kerasinst>MeanDeviation"] = StatisticsPooling  # its name in models of version 0.1
