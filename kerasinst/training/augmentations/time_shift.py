"""Time shift: a sound begins earlier or later."""

import numpy as np

from kerasinst.training.augmentations.waveforms import WaveformAugmentation


class TimeShift(WaveformAugmentation):
    """Moves a waveform; silence fills the gap, or what falls out at one end comes in at the other.

    Args:
        max_share: of the waveform's length, in either direction.
        roll: what falls out comes in again.
        probability: how often a waveform is changed.

    Raises:
        ValueError: if the share or the probability is not within 0 and 1.

    Example:
        >>> later, target = TimeShift(max_share=0.25)(waveform, target, 22050, random, another)
    """

    def __init__(self, max_share=0.25, roll=False, *, probability=1.0):
        super().__init__(probability)
        if not 0 <= max_share <= 1:
            raise ValueError(f"max_share={max_share} must be within 0 and 1")
        self.max_share = max_share
        self.roll = roll

    def change(self, waveform, sample_rate, random):
        """Moves by a whole number of samples."""
        shift = round(random.uniform(-self.max_share, self.max_share) * len(waveform))
        moved = np.roll(waveform, shift)
        if not self.roll:
            moved[slice(0, shift) if shift >= 0 else slice(shift, None)] = 0
        return moved
