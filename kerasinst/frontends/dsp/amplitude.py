"""Amplitude scales: power as decibels, or as energy that is normalised over time."""

from typing import Literal

import keras
import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp.validation import Positive

AMIN = 1e-10
"""The smallest power that is told apart from silence: -100 dB."""
PCEN = dict[Literal["gain", "bias", "power", "time_constant", "eps"], Positive]
"""Type of the options of `pcen`."""


def decibels(power: Tensor, top_db: float | None = None) -> Tensor:
    """Converts power to decibels.

    Equals `librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=top_db)` of each sample of the batch.

    Args:
        power: power of shape `(batch, frames, bins)`.
        top_db: values that are further below the loudest of their sample are raised to that level, in dB; None raises
            none.

    Returns:
        Levels of the same shape, in dB.
    """
    levels = ops.log(ops.maximum(power, AMIN)) * (10 / np.log(10))
    if top_db is None:
        return levels
    return ops.maximum(levels, ops.max(levels, axis=(1, 2), keepdims=True) - top_db)


def pcen(
    energy: Tensor,
    frame_rate: float,
    *,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.4,
    eps: float = 1e-6,
) -> Tensor:
    """Normalises the energy of each bin over time, so that what stays the same becomes quieter.

    Equals `librosa.pcen(energy * 2**31)`; 2^31 is full scale of 32-bit audio.

    Args:
        energy: energy of waveforms in [-1, 1], `(batch, frames, bins)`; the number of frames is fixed.
        frame_rate: number of frames per second.
        gain: exponent of the smoothed energy by which energy is divided.
        bias: offset that is added before the root is taken.
        power: exponent of the root.
        time_constant: time constant of the smoothing, in seconds.
        eps: small number that keeps silence finite.

    Returns:
        Normalised energy of the same shape.

    Source: Wang, Y. et al. (2017). Trainable frontend for robust and far-field keyword spotting. ICASSP.
    """
    frames = np.arange(energy.shape[1])
    steps = time_constant * frame_rate
    share = (np.sqrt(1 + 4 * steps**2) - 1) / (2 * steps**2)
    # The recursion M[t] = (1 - share) M[t - 1] + share E[t] with M[-1] = 1, all frames at once, as a matrix.
    ages = frames[:, None] - frames
    past = np.where(ages >= 0, share * (1 - share) ** np.maximum(ages, 0), 0)
    before = (1 - share) ** (frames + 1)[:, None]
    dtype = keras.backend.standardize_dtype(energy.dtype)
    energy = energy * 2.0**31
    smooth = ops.matmul(past.astype(dtype), energy) + before.astype(dtype)
    loud = energy * ops.exp(-gain * ops.log(smooth + eps))
    return ops.exp(power * ops.log(loud + bias)) - bias**power
