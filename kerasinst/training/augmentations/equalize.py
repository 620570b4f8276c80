"""Equalize: a random smooth frequency response, as microphones and rooms have it."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("kerasinst")
class Equalize(keras.layers.Layer):
    """Adds a random curve over bins to all frames of a picture; targets stay as they are.

    Adding is what a frequency response does to decibels, so it suits logarithmic pictures.

    Args:
        deviation: standard deviation of the curve, in units of the scaled features; with `scaling: peak`, 0.075 is
            3 dB.
        points: that are drawn; the curve is straight between them.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if the deviation is below 0 or there are fewer than 2 points.

    Example:
        >>> coloured, targets = Equalize(deviation=0.075)(features, targets)
    """

    def __init__(self, deviation=0.1, points=6, **kwargs):
        super().__init__(**kwargs)
        if deviation < 0 or points < 2:
            raise ValueError(f"deviation={deviation} must be at least 0 and points={points} at least 2")
        self.deviation = deviation
        self.points = points
        self.random = keras.random.SeedGenerator()

    def call(self, features, targets):
        """Adds one curve to each picture."""
        at = np.linspace(0, features.shape[2] - 1, self.points)
        bins = np.arange(features.shape[2])
        straight = np.stack([np.interp(bins, at, row) for row in np.eye(self.points)]).astype("float32")
        drawn = keras.random.normal((ops.shape(features)[0], self.points), stddev=self.deviation, seed=self.random)
        return features + ops.matmul(drawn, straight)[:, None, :, None], targets

    def get_config(self):
        """All arguments."""
        return {**super().get_config(), "deviation": self.deviation, "points": self.points}
