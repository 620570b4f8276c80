"""Time shift: a waveform begins earlier or later."""

import numpy as np

from kerasinst.training.waveform_augmentation import WaveformAugmentation


class TimeShift(WaveformAugmentation):
    """Moves a waveform in time; silence fills the gap, or the part that is moved out at one end.

    Args:
        max_share: greatest shift in either direction, as a share of the waveform's length.
        roll: whether the part that is moved out at one end fills the gap at the other; otherwise silence does.
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if the share or the probability is not within 0 and 1.

    Example:
        >>> later, target = TimeShift(max_share=0.25)(waveform, target, 22050, random, another)
    """

    def __init__(self, max_share: float = 0.25, roll: bool = False, *, probability: float = 1.0) -> None:
        super().__init__(probability)
        if not 0 <= max_share <= 1:
            raise ValueError(f"max_share={max_share} must be within 0 and 1")
        self.max_share = max_share
        self.roll = roll

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Moves the waveform by a random number of samples."""
        shift = round(random.uniform(-self.max_share, self.max_share) * len(waveform))
        moved = np.roll(waveform, shift)
        if not self.roll:
            moved[slice(0, shift) if shift >= 0 else slice(shift, None)] = 0
        return moved
