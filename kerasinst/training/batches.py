"""The order in which a training sees its samples."""

from collections.abc import Sequence

import keras
import numpy as np

from kerasinst.features import ShardedArray
from kerasinst.training.waveform_dataset import WaveformDataset


class Batches(keras.utils.PyDataset):
    """Batches of features and targets, in an order that the seed and the epoch alone decide.

    Args:
        features: array or `ShardedArray` of shape `(n, frames, bins, channels)`, or `WaveformDataset`, which are augmented anew in
            each epoch.
        targets: array of shape `(n, labels)`.
        batch_size: the last batch of an epoch may be smaller.
        seed: None keeps the order.
        epoch: the first one; a continued training goes on where it stood.
        odds: how likely each sample is drawn, with replacement, `(n,)`; None takes each once.
        multiple: of samples in a batch; a smaller one is filled up with samples that weigh nothing, so that each of
            several devices has as many.
    """

    def __init__(
        self,
        features: np.ndarray | ShardedArray | WaveformDataset,
        targets: np.ndarray,
        *,
        batch_size: int,
        seed: int | None = None,
        epoch: int = 0,
        odds: np.ndarray | None = None,
        multiple: int = 1,
    ):
        super().__init__()
        self.features = features
        self.targets = targets
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self.multiple = multiple
        self.odds = odds
        self._shuffle()

    def __len__(self):
        """Batches in an epoch."""
        return -(-len(self.targets) // self.batch_size)

    def __getitem__(self, index):
        """One batch, as `TrainingModel` takes it."""
        chosen = np.sort(self.order[index * self.batch_size : (index + 1) * self.batch_size])
        if isinstance(self.features, WaveformDataset):
            features, targets = self.features.augmented(chosen, self.seed, self.epoch)
        else:
            features, targets = np.asarray(self.features[chosen]), self.targets[chosen]
        if self.multiple == 1:
            return (features, targets), targets
        missing = -len(chosen) % self.multiple
        features, targets = (np.concatenate([part, part[:1].repeat(missing, 0)]) for part in (features, targets))
        return (features, targets), targets, np.r_[np.ones(len(chosen)), np.zeros(missing)].astype("float32")

    def on_epoch_end(self):
        """Shuffles for the next epoch."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self):
        self.order = np.arange(len(self.targets))
        if self.seed is not None:
            random = np.random.default_rng([self.seed, self.epoch])
            if self.odds is not None:
                self.order = random.choice(len(self.targets), len(self.targets), p=self.odds)
            else:
                random.shuffle(self.order)


def balanced(targets: np.ndarray, clips: Sequence[str]) -> np.ndarray:
    """Odds with which all labels come equally often, and all clips of a label.

    Args:
        targets: `(n, labels)`; a sample of several labels counts for each with its share.
        clips: name of each sample's clip.

    Example:
        >>> balanced(np.array([[1, 0], [1, 0], [0, 1]]), ["a", "b", "c"])
        array([0.25, 0.25, 0.5 ])
    """
    _, of_clip, counts = np.unique(clips, return_inverse=True, return_counts=True)
    weights = 1 / counts[of_clip]
    shares = targets / np.maximum(targets.sum(axis=1, keepdims=True), 1e-9)
    odds = weights * (shares @ (1 / np.maximum(weights @ shares, 1e-9)))
    odds = np.where(odds > 0, odds, odds[odds > 0].mean())  # samples without a label come as often as others
    return odds / odds.sum()
