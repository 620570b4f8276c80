"""Equalize: a random smooth frequency response, such as those of microphones and rooms."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasinst.core.types import Tensor


@keras.saving.register_keras_serializable("kerasinst")
class Equalize(keras.layers.Layer):
    """Adds a random curve over bins to all frames of each sample; targets stay as they are.

    A frequency response adds to decibels, so this augmentation suits logarithmic features.

    Args:
        deviation: standard deviation of the curve, in units of the scaled features; with `scaling: peak`, 0.075 is
            3 dB.
        points: number of points that are drawn; the curve is straight between them.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if the deviation is below 0 or there are fewer than 2 points.

    Example:
        >>> coloured, targets = Equalize(deviation=0.075)(features, targets)
    """

    def __init__(self, deviation: float = 0.1, points: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if deviation < 0 or points < 2:
            raise ValueError(f"deviation={deviation} must be at least 0 and points={points} at least 2")
        self.deviation = deviation
        self.points = points
        self.random = keras.random.SeedGenerator()

    def call(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Adds one curve to each sample."""
        at = np.linspace(0, features.shape[2] - 1, self.points)
        bins = np.arange(features.shape[2])
        straight = np.stack([np.interp(bins, at, row) for row in np.eye(self.points)]).astype("float32")
        drawn = keras.random.normal((ops.shape(features)[0], self.points), stddev=self.deviation, seed=self.random)
        return features + ops.matmul(drawn, straight)[:, None, :, None], targets

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        return {**super().get_config(), "deviation": self.deviation, "points": self.points}
