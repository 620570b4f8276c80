"""A picture as one row of numbers: all of it, or what is left without its order in time."""

import numpy as np

PERCENTILES = (10, 50, 90)


def summarize(features, *, chunk: int = 1024) -> np.ndarray:
    """Statistics over the frames of each picture.

    Args:
        features: `(n, frames, bins, channels)`, an array or one that stays on disk.
        chunk: pictures in memory at once.

    Returns:
        `(n, 7 * bins * channels)`: of each bin and channel the mean, the standard deviation and the 10th, 50th and 90th
        percentile, and of its differences from frame to frame the mean size and the standard deviation (zeros if there
        is one frame).

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


def flatten(features) -> np.ndarray:
    """Every value of each picture, `(n, frames * bins * channels)`.

    Example:
        >>> flatten(np.zeros((3, 87, 13, 1))).shape
        (3, 1131)
    """
    return np.asarray(features[:], np.float32).reshape(len(features), -1)


FORMS = {"picture": flatten, "statistics": summarize}
"""The two forms of features that models are compared on."""
