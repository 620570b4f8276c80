"""Pitch shift: higher or lower at the same speed."""

import audiomentations

from kerasinst.training.augmentations.waveforms import WaveformAugmentation, check_range


class PitchShift(WaveformAugmentation):
    """Moves a waveform up or down and keeps its speed, with audiomentations (Signalsmith Stretch).

    Resonances of the instrument's body move too, so much of it makes another instrument.

    Args:
        min_semitones, max_semitones: drawn uniformly from this range, within -24 and 24.
        probability: how often a waveform is changed.

    Raises:
        ValueError: if the range is empty or too wide, or the probability not within 0 and 1.

    Example:
        >>> higher, target = PitchShift(min_semitones=2, max_semitones=2)(waveform, target, 22050, random, another)
    """

    def __init__(self, min_semitones=-2.0, max_semitones=2.0, *, probability=1.0):
        super().__init__(probability)
        check_range("semitones", min_semitones, high=max_semitones)
        if min_semitones < -24 or max_semitones > 24:
            raise ValueError(f"min_semitones={min_semitones}, max_semitones={max_semitones} must be within -24 and 24")
        self.min_semitones = min_semitones
        self.max_semitones = max_semitones

    def change(self, waveform, sample_rate, random):
        """Shifts by one interval."""
        semitones = random.uniform(self.min_semitones, self.max_semitones)
        return audiomentations.PitchShift(semitones, semitones, p=1.0)(waveform, sample_rate)
