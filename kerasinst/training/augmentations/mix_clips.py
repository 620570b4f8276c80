"""Mixing of clips: several recordings sound at once, with the labels of all."""

from collections.abc import Callable

import numpy as np

from kerasinst.training.waveform_augmentation import Sample, WaveformAugmentation, check_range


class MixClips(WaveformAugmentation):
    """Adds other segments of the training set to a waveform, each at its own level.

    Args:
        min_clips, max_clips: range from which the number of clips is drawn, the first one included.
        min_db, max_db: range from which the level of each further clip is drawn, relative to the first, in dB of mean
            power.
        probability: probability with which a waveform is changed.
        union: whether the targets of a mix are all its labels; otherwise each clip has an equal share.

    Raises:
        ValueError: if a range is empty or starts below 1 clip, or the probability is not within 0 and 1.

    Example:
        >>> mix, targets = MixClips(min_clips=2, max_clips=3)(waveform, target, 22050, random, another)

    Source: the irmas study mixes 6 to 9 clips into multi-label samples.
    """

    def __init__(
        self,
        min_clips: int = 6,
        max_clips: int = 9,
        *,
        min_db: float = -6.0,
        max_db: float = 6.0,
        probability: float = 1.0,
        union: bool = False,
    ) -> None:
        super().__init__(probability)
        check_range("clips", min_clips, high=max_clips, above=0)
        check_range("db", min_db, high=max_db)
        self.min_clips = min_clips
        self.max_clips = max_clips
        self.min_db = min_db
        self.max_db = max_db
        self.union = union

    def __call__(
        self,
        waveform: np.ndarray,
        target: np.ndarray,
        sample_rate: int,
        random: np.random.Generator,
        another: Callable[[], Sample],
    ) -> Sample:
        """Mixes the waveform with others, and their targets."""
        if random.random() >= self.probability:
            return waveform, target
        count = int(random.integers(self.min_clips, self.max_clips + 1))
        mixed, targets = waveform.astype(np.float64), [target]
        for _ in range(count - 1):
            other, its_target = another()
            level = 10 ** (random.uniform(self.min_db, self.max_db) / 20) * _loudness(waveform)
            mixed = mixed + other * level / max(_loudness(other), 1e-6)
            targets.append(its_target)
        target = np.max(targets, axis=0) if self.union else np.mean(targets, axis=0)
        return (mixed / np.sqrt(count)).astype(np.float32), target.astype(np.float32)


def _loudness(waveform: np.ndarray) -> float:
    """Computes the root of the mean power."""
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
