"""Batches of training samples, and the order in which a training sees them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerasinst.training.waveform_dataset import TrainingFeatures, WaveformDataset


class Batches(keras.utils.PyDataset):
    """Batches of features and targets, in an order that the seed and the epoch alone decide.

    Args:
        features: features of shape `(n, frames, bins, channels)`, or a `WaveformDataset`, whose waveforms are augmented
            anew in each epoch.
        targets: targets of shape `(n, labels)`.
        batch_size: number of samples in a batch; the last batch of an epoch may be smaller.
        seed: seed of the order; None keeps the order of the samples.
        epoch: number of the first epoch, counted from 0, so that a training that is continued sees the same order.
        odds: probability with which each sample is drawn, with replacement, `(n,)`; None takes each once an epoch.
        multiple: number by which the size of a batch is divisible; a smaller batch is filled up with samples of weight
            0, so that several devices get equally many.
    """

    def __init__(
        self,
        features: TrainingFeatures,
        targets: np.ndarray,
        *,
        batch_size: int,
        seed: int | None = None,
        epoch: int = 0,
        odds: np.ndarray | None = None,
        multiple: int = 1,
    ) -> None:
        super().__init__()
        self.features = features
        self.targets = targets
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self.multiple = multiple
        self.odds = odds
        self._shuffle()

    def __len__(self) -> int:
        """Gives the number of batches in an epoch."""
        return -(-len(self.targets) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """Gives a batch as `TrainingModel` takes it: `((features, targets), targets)` and, if filled up, weights."""
        chosen = np.sort(self.order[index * self.batch_size : (index + 1) * self.batch_size])
        if isinstance(self.features, WaveformDataset):
            key = (self.epoch,) if self.seed is None else (self.seed, self.epoch)
            features, targets = self.features.augmented(chosen, *key)
        else:
            features, targets = np.asarray(self.features[chosen]), self.targets[chosen]
        if self.multiple == 1:
            return (features, targets), targets
        missing = -len(chosen) % self.multiple
        features, targets = (np.concatenate([part, part[:1].repeat(missing, 0)]) for part in (features, targets))
        return (features, targets), targets, np.r_[np.ones(len(chosen)), np.zeros(missing)].astype("float32")

    def without_filling(self, scores: np.ndarray) -> np.ndarray:
        """Drops the scores of samples with which batches were filled up.

        Args:
            scores: scores of all batches in their order, with a row for each sample.

        Returns:
            The scores of the samples themselves, `(n, ...)`.
        """
        filled = -(-self.batch_size // self.multiple) * self.multiple
        batch, place = np.divmod(np.arange(len(self.targets)), self.batch_size)
        return scores[batch * filled + place]

    def on_epoch_end(self) -> None:
        """Shuffles for the next epoch."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        """Puts the samples into the order of the epoch."""
        self.order: np.ndarray = np.arange(len(self.targets))
        if self.seed is not None:
            random = np.random.default_rng([self.seed, self.epoch])
            if self.odds is not None:
                self.order = random.choice(len(self.targets), len(self.targets), p=self.odds)
            else:
                random.shuffle(self.order)


def balanced(targets: np.ndarray, clips: Sequence[str]) -> np.ndarray:
    """Computes odds with which all labels come equally often, and all clips of a label do.

    Args:
        targets: targets of shape `(n, labels)` or `(n, frames, labels)`; a sample with several labels counts for each
            with its share, and NaN counts for nothing.
        clips: name of each sample's clip.

    Returns:
        The probability with which each sample is to be drawn, `(n,)`.

    Example:
        >>> balanced(np.array([[1, 0], [1, 0], [0, 1]]), ["a", "b", "c"])
        array([0.25, 0.25, 0.5 ])
    """
    targets = np.nan_to_num(targets)
    if targets.ndim == 3:
        targets = targets.max(axis=1)
    _, of_clip, counts = np.unique(clips, return_inverse=True, return_counts=True)
    weights = 1 / counts[of_clip]
    shares = targets / np.maximum(targets.sum(axis=1, keepdims=True), 1e-9)
    odds = weights * (shares @ (1 / np.maximum(weights @ shares, 1e-9)))
    odds = np.where(odds > 0, odds, odds[odds > 0].mean())  # samples without a label come as often as others
    return odds / odds.sum()
