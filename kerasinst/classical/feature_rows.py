"""Turns the features of a segment into one row of numbers: all of their values, or statistics over time."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

PERCENTILES = (10, 50, 90)
"""Percentiles over time that `summarize` computes."""


class Rows(Protocol):
    """An array of features whose segments are read by slices, in memory or on disk."""

    def __len__(self) -> int:
        """Gives the number of segments."""
        ...

    def __getitem__(self, rows: slice, /) -> np.ndarray:
        """Reads some segments, shape `(segments, frames, bins, channels)`."""
        ...


def summarize(features: Rows, *, chunk: int = 1024) -> np.ndarray:
    """Computes statistics of features over time.

    Args:
        features: array in memory or on disk, shape `(segments, frames, bins, channels)`.
        chunk: number of segments in memory at once.

    Returns:
        Array of shape `(segments, 7 * bins * channels)`. For each bin and channel it holds the mean, the standard
        deviation, and the 10th, 50th and 90th percentile, followed by the mean size and the standard deviation of
        differences from frame to frame (zeros if there is one frame).

    Example:
        >>> summarize(np.zeros((3, 87, 13, 1))).shape
        (3, 91)
    """
    parts = []
    for first in range(0, len(features), chunk):
        part = np.asarray(features[first : first + chunk], np.float32)
        changes = np.diff(part, axis=1) if part.shape[1] > 1 else np.zeros_like(part)
        statistics = (
            part.mean(1),
            part.std(1),
            *np.percentile(part, PERCENTILES, axis=1).astype(np.float32),
            np.abs(changes).mean(1),
            changes.std(1),
        )
        parts.append(np.concatenate([each.reshape(len(part), -1) for each in statistics], axis=1))
    return np.concatenate(parts)


def flatten(features: Rows) -> np.ndarray:
    """Flattens the features of each segment.

    Args:
        features: array in memory or on disk, shape `(segments, frames, bins, channels)`.

    Returns:
        Array of shape `(segments, frames * bins * channels)`.

    Example:
        >>> flatten(np.zeros((3, 87, 13, 1))).shape
        (3, 1131)
    """
    return np.asarray(features[:], np.float32).reshape(len(features), -1)


FORMS: dict[str, Callable[[Rows], np.ndarray]] = {"picture": flatten, "statistics": summarize}
"""Functions that make the two forms of features to which models are fitted."""
