"""Converts samples to floats between -1 and 1, and tells silent and wrongly scaled recordings."""

import numpy as np

from kerasinst.audio.recording import Recording, stretches

SILENCE = 1e-4
"""Largest amplitude of a recording that counts as silent (-80 dB of full scale)."""
LARGEST_FLOAT = 8.0
"""Largest sample of a waveform of floats, as a multiple of full scale (18 dB); louder ones are damaged or unscaled."""
FAINTEST_INTEGERS = 256.0
"""Smallest peak of integers that are stored as floats, 42 dB below the full scale of 16 bits."""
INTEGER_SCALES = (2.0**15, 2.0**23, 2.0**31)
"""Full scale of integers with 16, 24 and 32 bits."""


def as_floats(samples: np.ndarray) -> np.ndarray:
    """Converts samples of any type to float32; integers are divided by the full scale of their type.

    Unsigned integers, such as the 8-bit samples of wav files, are centred first.

    Args:
        samples: array of any shape, of floats or integers.

    Returns:
        Array of the same shape.

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
    """Finds the full scale of integers that were stored as floats.

    Most samples of such a waveform are far beyond full scale. If only a few are, the waveform is damaged, and no scale
    is returned.

    Args:
        waveform: floats of shape `(samples,)`.

    Returns:
        The full scale, or None if the waveform is not made of integers.

    Example:
        >>> integer_scale(np.array([0.0, 12000.0, -9000.0]))
        32768.0
    """
    if np.abs(waveform).max(initial=0) < FAINTEST_INTEGERS:
        return None
    loudness = Loudness()
    loudness.add(waveform)
    return loudness.integer_scale()


class Loudness:
    """Measures how loud a waveform is, block by block.

    Attributes:
        peak: largest amplitude so far.

    Example:
        >>> loudness = Loudness()
        >>> loudness.add(np.array([0.0, 12000.0, -9000.0]))
        >>> loudness.peak, loudness.integer_scale()
        (12000.0, 32768.0)
    """

    def __init__(self) -> None:
        self.peak = 0.0
        self._sounding = self._beyond = 0

    def add(self, samples: np.ndarray) -> None:
        """Adds a block.

        Args:
            samples: floats of shape `(samples,)`.
        """
        loudness = np.abs(samples)
        self.peak = max(self.peak, float(loudness.max(initial=0)))
        self._sounding += int(np.count_nonzero(loudness))
        self._beyond += int(np.count_nonzero(loudness >= 1))

    def integer_scale(self) -> float | None:
        """Finds the full scale of integers that were stored as floats, see `integer_scale`."""
        if self.peak < FAINTEST_INTEGERS or 2 * self._beyond < self._sounding:
            return None
        return next((scale for scale in INTEGER_SCALES if self.peak <= scale), None)


def is_too_loud(waveform: np.ndarray) -> bool:
    """Tells whether a waveform of floats exceeds `LARGEST_FLOAT` times full scale."""
    return bool(np.abs(waveform).max(initial=0) > LARGEST_FLOAT)


def is_silent(waveform: np.ndarray | Recording) -> bool:
    """Tells whether the amplitude of a waveform, without its offset, stays below `SILENCE`; an empty one is silent."""
    ends = [(part.min(), part.max()) for _, part in stretches(waveform)]
    return bool(max(high for _, high in ends) - min(low for low, _ in ends) < 2 * SILENCE) if ends else True
