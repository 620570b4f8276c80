"""Noise: white noise is added to a waveform."""

import numpy as np

from kerasinst.training.waveform_augmentation import WaveformAugmentation, check_range


class Noise(WaveformAugmentation):
    """Adds white Gaussian noise at a signal-to-noise ratio; silence stays silent.

    Args:
        min_snr_db, max_snr_db: range from which the ratio of mean powers is drawn uniformly, in dB.
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if the range is empty or the probability is not within 0 and 1.

    Example:
        >>> noisy, target = Noise(min_snr_db=20, max_snr_db=20)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_snr_db: float = 10.0, max_snr_db: float = 40.0, *, probability: float = 1.0) -> None:
        super().__init__(probability)
        check_range("snr_db", min_snr_db, high=max_snr_db)
        self.min_snr_db = min_snr_db
        self.max_snr_db = max_snr_db

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Adds noise at a random ratio."""
        loudness = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)))
        ratio = 10 ** (-random.uniform(self.min_snr_db, self.max_snr_db) / 20)
        return waveform + ratio * loudness * random.standard_normal(len(waveform))
