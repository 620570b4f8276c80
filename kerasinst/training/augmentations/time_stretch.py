"""Time stretch: a waveform becomes faster or slower at the same pitch."""

import audiomentations
import numpy as np

from kerasinst.training.waveform_augmentation import WaveformAugmentation, check_range


class TimeStretch(WaveformAugmentation):
    """Makes a waveform faster or slower and keeps its pitch, with audiomentations (Signalsmith Stretch).

    Waveforms that become longer are cut at the end; those that become shorter are followed by silence.

    Args:
        min_rate, max_rate: range from which the rate is drawn uniformly; 2 is twice as fast.
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if the range is empty or not above 0.1, or the probability is not within 0 and 1.

    Example:
        >>> faster, target = TimeStretch(min_rate=1.25, max_rate=1.25)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_rate: float = 0.8, max_rate: float = 1.25, *, probability: float = 1.0) -> None:
        super().__init__(probability)
        check_range("rate", min_rate, high=max_rate, above=0.1)
        self.min_rate = min_rate
        self.max_rate = max_rate

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Stretches the waveform by a random rate."""
        rate = random.uniform(self.min_rate, self.max_rate)
        return audiomentations.TimeStretch(rate, rate, p=1.0)(waveform, sample_rate)
