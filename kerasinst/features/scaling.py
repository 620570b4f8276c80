"""Scales features, with weights of the model that are learned from training data."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasinst.core.types import Shape, Tensor
from kerasinst.features.sharded_array import ShardedArray

METHODS = ("min_max", "standardize", "per_clip", "peak")
"""Names of all methods."""
LEARNED = ("min_max", "standardize")
"""Names of the methods that learn from training data."""


@keras.saving.register_keras_serializable("kerasinst")
class Scaling(keras.layers.Layer):
    """A layer that scales features.

    "min_max" and "standardize" compute `(features - offset) / span`, with weights that `adapt` sets from training data;
    the other methods learn nothing.

    Args:
        method: "min_max" maps the smallest and the largest value of all features to 0 and 1, as the ee5180 study does;
            "standardize" gives each bin of each channel mean 0 and standard deviation 1; "per_clip" gives each channel
            of each segment mean 0 and standard deviation 1; "peak", for decibels, maps the loudest value of each
            segment to 1 and values 80 dB below it to -1, so that a gain changes nothing.
        dtype: data type of the scaled features.
        **kwargs: other arguments of `keras.layers.Layer`.

    Input and output shape: `(batch, frames, bins, channels)`.

    Raises:
        ValueError: if there is no such method.

    Example:
        >>> scaling = Scaling("min_max")
        >>> scaling.adapt(train_features)
        >>> scaled = scaling(features)
    """

    def __init__(self, method: str, dtype: "str | keras.DTypePolicy" = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        if method not in METHODS:
            raise ValueError(f"method={method!r} must be one of {', '.join(METHODS)}")
        self.method = method

    def build(self, input_shape: Shape) -> None:
        """Adds the weights; before `adapt` they change nothing."""
        if self.method in LEARNED:
            shape = (1, 1) if self.method == "min_max" else tuple(input_shape[2:])
            self.offset = self.add_weight(name="offset", shape=shape, initializer="zeros", trainable=False)
            self.span = self.add_weight(name="span", shape=shape, initializer="ones", trainable=False)

    def adapt(self, features: np.ndarray | ShardedArray, chunk: int = 256) -> None:
        """Learns the weights from training features.

        Args:
            features: features of shape `(segments, frames, bins, channels)`, which may lie on disk.
            chunk: number of segments that are in memory at a time.
        """
        if not self.built:
            self.build(features.shape)
        if self.method not in LEARNED:
            return

        def chunks() -> Iterator[np.ndarray]:
            return (features[first : first + chunk] for first in range(0, len(features), chunk))

        if self.method == "min_max":
            lowest, highest = zip(*((float(part.min()), float(part.max())) for part in chunks()), strict=True)
            offset, span = min(lowest), max(highest) - min(lowest)
        else:
            values = len(features) * features.shape[1]
            offset = sum(part.sum(axis=(0, 1), dtype=np.float64) for part in chunks()) / values
            squares = sum(np.square(part - offset).sum(axis=(0, 1), dtype=np.float64) for part in chunks())
            span = np.sqrt(squares / values)
        self.offset.assign(np.broadcast_to(offset, self.offset.shape))
        self.span.assign(np.broadcast_to(np.where(np.asarray(span) > 1e-6, span, 1.0), self.span.shape))

    def call(self, features: Tensor) -> Tensor:
        """Scales the features."""
        if self.method in LEARNED:
            return (features - self.offset) / self.span
        if self.method == "peak":
            return (features - ops.max(features, axis=(1, 2, 3), keepdims=True)) / 40 + 1
        centred = features - ops.mean(features, axis=(1, 2), keepdims=True)
        deviation = ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2), keepdims=True))
        return centred / ops.where(deviation > 1e-6, deviation, 1.0)  # silence stays 0

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Gives the same shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        return {**super().get_config(), "method": self.method}
