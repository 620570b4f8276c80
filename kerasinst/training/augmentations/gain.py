"""Gain: a waveform is made louder or softer."""

import numpy as np

from kerasinst.training.waveform_augmentation import WaveformAugmentation, check_range


class Gain(WaveformAugmentation):
    """Multiplies a waveform by a random factor; values beyond full scale are not clipped.

    Args:
        min_db, max_db: range from which the gain is drawn uniformly, in dB.
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if the range is empty or the probability is not within 0 and 1.

    Example:
        >>> louder, target = Gain(min_db=6, max_db=6)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_db: float = -12.0, max_db: float = 12.0, *, probability: float = 1.0) -> None:
        super().__init__(probability)
        check_range("db", min_db, high=max_db)
        self.min_db = min_db
        self.max_db = max_db

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Multiplies by one factor."""
        return waveform * 10 ** (random.uniform(self.min_db, self.max_db) / 20)
