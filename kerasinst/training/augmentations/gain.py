"""Gain: a waveform is made louder or softer."""

from kerasinst.training.augmentations.waveforms import WaveformAugmentation, check_range


class Gain(WaveformAugmentation):
    """Multiplies a waveform, with what goes beyond full scale left as it is.

    Args:
        min_db, max_db: the gain is drawn uniformly from this range, in dB.
        probability: how often a waveform is changed.

    Raises:
        ValueError: if the range is empty or the probability not within 0 and 1.

    Example:
        >>> louder, target = Gain(min_db=6, max_db=6)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_db=-12.0, max_db=12.0, *, probability=1.0):
        super().__init__(probability)
        check_range("db", min_db, high=max_db)
        self.min_db = min_db
        self.max_db = max_db

    def change(self, waveform, sample_rate, random):
        """Multiplies by one factor."""
        return waveform * 10 ** (random.uniform(self.min_db, self.max_db) / 20)
