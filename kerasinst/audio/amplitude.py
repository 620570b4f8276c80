"""Full scale and silence: samples as floats between -1 and 1."""

import numpy as np

SILENCE = 1e-4
"""A recording that swings less than this to either side (-80 dB of full scale) is silent."""
BELIEVED = 8.0
"""Floats up to this many times full scale (18 dB) are a loud recording; beyond, they are damaged or wrongly scaled."""
FAINTEST_INTEGERS = 256.0
"""Integers that are stored as floats reach this at least, 42 dB below the full scale of 16 bits."""
INTEGER_SCALES = (2.0**15, 2.0**23, 2.0**31)
"""Full scale of integers with 16, 24 and 32 bits."""


def as_floats(samples: np.ndarray) -> np.ndarray:
    """Samples of any type as float32; integers are divided by their type's full scale.

    Unsigned integers are centred first, as the 8-bit samples of wav files are.

    Example:
        >>> as_floats(np.array([-32768, 16384], np.int16))
        array([-1. ,  0.5], dtype=float32)
    """
    if samples.dtype.kind not in "iu":
        return np.asarray(samples, np.float32)
    full_scale = 2.0 ** (8 * samples.dtype.itemsize - 1)
    centre = full_scale if samples.dtype.kind == "u" else 0.0
    if samples.dtype.itemsize > 2:  # float32 cannot hold them before they are divided
        return ((samples - centre) / full_scale).astype(np.float32)
    return (samples.astype(np.float32) - np.float32(centre)) * np.float32(1 / full_scale)


def integer_scale(waveform: np.ndarray) -> float | None:
    """Full scale of the integers that a waveform of floats holds, or None if it holds a recording in full scale.

    Most samples of such a waveform are far beyond full scale. A few that are so are damage, and no scale is returned.

    Example:
        >>> integer_scale(np.array([0.0, 12000.0, -9000.0]))
        32768.0
    """
    loudness = np.abs(waveform)
    peak = loudness.max(initial=0)
    if not peak >= FAINTEST_INTEGERS or np.median(loudness[loudness > 0]) < 1:
        return None
    return next((scale for scale in INTEGER_SCALES if peak <= scale), None)


def is_too_loud(waveform: np.ndarray) -> bool:
    """Whether a waveform of floats goes beyond what a recording in full scale can be."""
    return bool(np.abs(waveform).max(initial=0) > BELIEVED)


def is_silent(waveform: np.ndarray) -> bool:
    """Whether a waveform never swings by more than `SILENCE` to either side, whatever its offset."""
    return bool(np.ptp(waveform) < 2 * SILENCE) if len(waveform) else True
