"""Time stretch: faster or slower at the same pitch."""

import audiomentations

from kerasinst.training.augmentations.waveforms import WaveformAugmentation, check_range


class TimeStretch(WaveformAugmentation):
    """Plays a waveform faster or slower and keeps its pitch, with audiomentations (Signalsmith Stretch).

    What becomes longer is cut at its end, what becomes shorter is followed by silence.

    Args:
        min_rate, max_rate: 2 is twice as fast; drawn uniformly from this range.
        probability: how often a waveform is changed.

    Raises:
        ValueError: if the range is empty or not above 0.1, or the probability not within 0 and 1.

    Example:
        >>> faster, target = TimeStretch(min_rate=1.25, max_rate=1.25)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_rate=0.8, max_rate=1.25, *, probability=1.0):
        super().__init__(probability)
        check_range("rate", min_rate, high=max_rate, above=0.1)
        self.min_rate = min_rate
        self.max_rate = max_rate

    def change(self, waveform, sample_rate, random):
        """Stretches by one rate."""
        rate = random.uniform(self.min_rate, self.max_rate)
        return audiomentations.TimeStretch(rate, rate, p=1.0)(waveform, sample_rate)
