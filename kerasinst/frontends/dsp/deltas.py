"""Deltas: how features change over time, and how that change changes."""

from functools import lru_cache

import keras
import numpy as np
import scipy.signal
from keras import ops

from kerasinst.core.types import Tensor

WIDTH = 9
"""Number of frames to which librosa fits its slope."""
REACH = 2
"""Number of frames on either side to which python_speech_features fits its slope."""


def savitzky_golay(features: Tensor, order: int) -> Tensor:
    """Computes deltas as librosa does: the derivative of a polynomial that is fitted to 9 frames.

    Equals `librosa.feature.delta(features, order=order)`; at either end the polynomial of the first or the last 9
    frames is used.

    Args:
        features: features of shape `(batch, frames, bins)`, at least 9 frames.
        order: order of the derivative and of the polynomial: 1 for deltas, 2 for double deltas.

    Returns:
        Deltas of the same shape.

    Source: Savitzky, A. and Golay, M. J. E. (1964).
    """
    taps, first, last = _fits(order, keras.backend.standardize_dtype(features.dtype))
    return ops.concatenate(
        [
            ops.matmul(first, features[:, :WIDTH]),
            _slide(features, taps),
            ops.matmul(last, features[:, -WIDTH:]),
        ],
        axis=1,
    )


def regression(features: Tensor) -> Tensor:
    """Computes deltas as python_speech_features does: the slope of a line that is fitted to 5 frames.

    Equals `python_speech_features.delta(features, 2)`; the first and the last frame are repeated at the ends.

    Args:
        features: features of shape `(batch, frames, bins)`.

    Returns:
        Deltas of the same shape.

    Source: Young, S. et al. (2009). The HTK book, equation 5.16.
    """
    steps = np.arange(-REACH, REACH + 1)
    padded = ops.concatenate([features[:, :1]] * REACH + [features] + [features[:, -1:]] * REACH, axis=1)
    return _slide(padded, steps / np.sum(steps**2))


def _slide(features: Tensor, taps: np.ndarray) -> Tensor:
    """Correlates features with the taps along time, where all taps fit."""
    n = features.shape[1] - len(taps) + 1
    return sum(features[:, shift : shift + n] * float(tap) for shift, tap in enumerate(taps))


@lru_cache
def _fits(order: int, dtype: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gives the taps, and matrices for the frames at either end, on which no window of `WIDTH` frames is centred."""
    inner = scipy.signal.savgol_coeffs(WIDTH, order, deriv=order, use="dot")
    ends = scipy.signal.savgol_filter(np.eye(WIDTH), WIDTH, order, deriv=order, axis=0, mode="interp").astype(dtype)
    return inner, ends[: WIDTH // 2], ends[-(WIDTH // 2) :]
