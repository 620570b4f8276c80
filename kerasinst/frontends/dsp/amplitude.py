"""From power to what a network sees: decibels, or energy normalised over time."""

from typing import Literal

import keras
import numpy as np
from keras import ops

from kerasinst.frontends.dsp.validation import Positive

AMIN = 1e-10
"""Power that silence is raised to; -100 dB."""
PCEN = dict[Literal["gain", "bias", "power", "time_constant", "eps"], Positive]
"""Options of `pcen`."""


def decibels(power, top_db: float | None = None):
    """`librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=top_db)` of each picture `(batch, frames, bins)`."""
    levels = ops.log(ops.maximum(power, AMIN)) * (10 / np.log(10))
    if top_db is None:
        return levels
    return ops.maximum(levels, ops.max(levels, axis=(1, 2), keepdims=True) - top_db)


def pcen(
    energy,
    frame_rate: float,
    *,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.4,
    eps: float = 1e-6,
):
    """Per-channel energy normalisation of `(batch, frames, bins)`, which quietens what stays the same.

    Equals `librosa.pcen(energy * 2**31)`: what full scale is for 32-bit audio.

    Args:
        energy: of waveforms in [-1, 1].
        frame_rate: frames a second.
        gain: exponent of the smoothed energy that energy is divided by.
        bias: added before the root.
        power: the root.
        time_constant: of the smoothing, in seconds.
        eps: keeps silence finite.

    Source: Wang, Y. et al. (2017). Trainable frontend for robust and far-field keyword spotting. ICASSP.
    """
    frames = np.arange(energy.shape[1])
    steps = time_constant * frame_rate
    share = (np.sqrt(1 + 4 * steps**2) - 1) / (2 * steps**2)
    # All of the recursion M[t] = (1 - share) M[t - 1] + share E[t] with M[-1] = 1 at once, as one matrix.
    ages = frames[:, None] - frames
    past = np.where(ages >= 0, share * (1 - share) ** np.maximum(ages, 0), 0)
    before = (1 - share) ** (frames + 1)[:, None]
    dtype = keras.backend.standardize_dtype(energy.dtype)
    energy = energy * 2.0**31
    smooth = ops.matmul(past.astype(dtype), energy) + before.astype(dtype)
    loud = energy * ops.exp(-gain * ops.log(smooth + eps))
    return ops.exp(power * ops.log(loud + bias)) - bias**power
