"""Room: the reverberation of a random room is added to a waveform."""

import numpy as np
import scipy.signal

from kerasinst.training.waveform_augmentation import WaveformAugmentation, check_range


class Room(WaveformAugmentation):
    """Adds the reverberation of a random room: noise that decays exponentially, darker or brighter.

    The direct sound stays where it is in time.

    Args:
        min_seconds, max_seconds: range from which the time is drawn in which the reverberation decays by 60 dB.
        min_wet_db, max_wet_db: range from which the level of the reverberation is drawn, relative to the direct sound,
            in dB.
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if a range is empty, a time is not above 0, or the probability is not within 0 and 1.

    Example:
        >>> in_a_hall, target = Room(min_seconds=1.5, max_seconds=2.5)(waveform, target, 22050, random, another)

    Source: Moorer, About This Reverberation Business, Computer Music Journal 3(2), 1979 (decaying noise as a room's
        impulse response).
    """

    def __init__(
        self,
        min_seconds: float = 0.1,
        max_seconds: float = 0.8,
        *,
        min_wet_db: float = -30.0,
        max_wet_db: float = -3.0,
        probability: float = 1.0,
    ) -> None:
        super().__init__(probability)
        check_range("seconds", min_seconds, high=max_seconds, above=0)
        check_range("wet_db", min_wet_db, high=max_wet_db)
        self.min_seconds = min_seconds
        self.max_seconds = max_seconds
        self.min_wet_db = min_wet_db
        self.max_wet_db = max_wet_db

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Adds the waveform convolved with a decaying noise."""
        seconds = random.uniform(self.min_seconds, self.max_seconds)
        time = np.arange(max(1, round(seconds * sample_rate))) / sample_rate
        tail = random.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
        damping = random.uniform(0, 0.9)  # of high frequencies, as walls and air do
        tail = scipy.signal.lfilter([1 - damping], [1, -damping], tail)
        wet = scipy.signal.fftconvolve(waveform, tail / np.sqrt(np.sum(tail**2)))[: len(waveform)]
        return waveform + 10 ** (random.uniform(self.min_wet_db, self.max_wet_db) / 20) * wet
