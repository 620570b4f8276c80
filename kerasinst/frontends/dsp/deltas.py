"""How features change over time: their slope and its slope, on `(batch, frames, bins)`."""

from functools import lru_cache

import keras
import numpy as np
import scipy.signal
from keras import ops

WIDTH = 9
"""Frames that librosa's slope is fitted to."""
REACH = 2
"""Frames to each side that python_speech_features' slope is fitted to."""


def savitzky_golay(features, order: int):
    """`librosa.feature.delta(features, order=order)`: a polynomial fitted to 9 frames; the ends use the first and last.

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


def regression(features):
    """`python_speech_features.delta(features, 2)`: a line fitted to 5 frames; the ends repeat the first and last.

    Source: Young, S. et al. (2009). The HTK book, equation 5.16.
    """
    steps = np.arange(-REACH, REACH + 1)
    padded = ops.concatenate([features[:, :1]] * REACH + [features] + [features[:, -1:]] * REACH, axis=1)
    return _slide(padded, steps / np.sum(steps**2))


def _slide(features, taps: np.ndarray):
    """The sum of shifted features times the taps, where all of them fit."""
    n = features.shape[1] - len(taps) + 1
    return sum(features[:, shift : shift + n] * float(tap) for shift, tap in enumerate(taps))


@lru_cache
def _fits(order: int, dtype: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Taps, and matrices for the frames at either end that no window of `WIDTH` is centred at."""
    inner = scipy.signal.savgol_coeffs(WIDTH, order, deriv=order, use="dot")
    ends = scipy.signal.savgol_filter(np.eye(WIDTH), WIDTH, order, deriv=order, axis=0, mode="interp").astype(dtype)
    return inner, ends[: WIDTH // 2], ends[-(WIDTH // 2) :]
