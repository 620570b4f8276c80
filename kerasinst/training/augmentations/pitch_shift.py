"""Pitch shift: a waveform becomes higher or lower at the same speed."""

import audiomentations
import numpy as np

from kerasinst.training.waveform_augmentation import WaveformAugmentation, check_range


class PitchShift(WaveformAugmentation):
    """Shifts the pitch of a waveform and keeps its speed, with audiomentations (Signalsmith Stretch).

    The resonances of the instrument's body move, too, so large shifts make it sound like another instrument.

    Args:
        min_semitones, max_semitones: range from which the shift is drawn uniformly, within -24 and 24 semitones.
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if the range is empty or too wide, or the probability is not within 0 and 1.

    Example:
        >>> higher, target = PitchShift(min_semitones=2, max_semitones=2)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_semitones: float = -2.0, max_semitones: float = 2.0, *, probability: float = 1.0) -> None:
        super().__init__(probability)
        check_range("semitones", min_semitones, high=max_semitones)
        if min_semitones < -24 or max_semitones > 24:
            raise ValueError(f"min_semitones={min_semitones}, max_semitones={max_semitones} must be within -24 and 24")
        self.min_semitones = min_semitones
        self.max_semitones = max_semitones

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Shifts the pitch by a random interval."""
        semitones = random.uniform(self.min_semitones, self.max_semitones)
        return audiomentations.PitchShift(semitones, semitones, p=1.0)(waveform, sample_rate)
