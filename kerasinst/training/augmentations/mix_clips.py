"""Mixing of clips: several recordings at once, with the labels of all."""

import numpy as np

from kerasinst.training.augmentations.waveforms import WaveformAugmentation, check_range


class MixClips(WaveformAugmentation):
    """Adds other segments of the training set to a waveform, each at its own level.

    Args:
        min_clips, max_clips: how many sound at once, the first one included.
        min_db, max_db: level of each further one against the first, in dB of mean power.
        probability: how often a waveform is changed.
        union: targets of a mix are all its labels; otherwise each clip has an equal share.

    Raises:
        ValueError: if a range is empty or starts below 1 clip, or the probability is not within 0 and 1.

    Example:
        >>> mix, targets = MixClips(min_clips=2, max_clips=3)(waveform, target, 22050, random, another)

    Source: the irmas study mixes 6 to 9 clips into multi-label samples.
    """

    def __init__(self, min_clips=6, max_clips=9, *, min_db=-6.0, max_db=6.0, probability=1.0, union=False):
        super().__init__(probability)
        check_range("clips", min_clips, high=max_clips, above=0)
        check_range("db", min_db, high=max_db)
        self.min_clips = min_clips
        self.max_clips = max_clips
        self.min_db = min_db
        self.max_db = max_db
        self.union = union

    def __call__(self, waveform, target, sample_rate, random, another):
        """Mixes waveforms and targets."""
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
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
