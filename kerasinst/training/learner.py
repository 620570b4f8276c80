"""A network and its augmentations as one trainable model, so that mixing happens inside the compiled step."""

import keras
import numpy as np
from keras import ops


class Learner(keras.Model):
    """Trains a network on augmented batches, on every backend.

    Its input is `(features, targets)`: targets take part in the forward pass because augmentations mix them too.

    Args:
        network: model from scaled features to scores.
        scaling: layer that scales features, or None.
        augmentations: layers `(features, targets) -> (features, targets)`, applied in order while training.
        class_weights: of the loss, one for each label, or None; mixed targets weigh what their shares weigh.
    """

    def __init__(self, network, scaling=None, augmentations=(), class_weights=None):
        super().__init__()
        self.network = network
        self.scaling = scaling
        self.augmentations = list(augmentations)
        self.class_weights = class_weights

    def build(self, input_shape):
        """All parts are built already."""

    def call(self, inputs, training=False):
        """Gives scores and the targets they are compared with."""
        features, targets = inputs
        if self.scaling is not None:
            features = self.scaling(features)
        if training:
            for augment in self.augmentations:
                features, targets = augment(features, targets)
        return self.network(features, training=training), targets

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Compares the scores with the mixed targets."""
        scores, targets = y_pred
        if training and self.class_weights is not None:
            sample_weight = ops.sum(targets * self.class_weights, axis=-1)
        return super().compute_loss(x, targets, scores, sample_weight, training)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Compares the scores with the mixed targets."""
        scores, targets = y_pred
        return super().compute_metrics(x, targets, scores, sample_weight)


class Batches(keras.utils.PyDataset):
    """Batches of features and targets, in an order that the seed and the epoch alone decide.

    Args:
        features: array or memory-mapped file of shape `(n, frames, bins, channels)`.
        targets: array of shape `(n, labels)`.
        batch_size: the last batch of an epoch may be smaller.
        seed: None keeps the order.
        epoch: the first one; a continued training goes on where it stood.
    """

    def __init__(self, features, targets, batch_size, seed=None, epoch=0):
        super().__init__()
        self.features = features
        self.targets = targets
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self._shuffle()

    def __len__(self):
        """Batches in an epoch."""
        return -(-len(self.targets) // self.batch_size)

    def __getitem__(self, index):
        """One batch, as `Learner` takes it."""
        chosen = np.sort(self.order[index * self.batch_size : (index + 1) * self.batch_size])
        features, targets = np.asarray(self.features[chosen]), self.targets[chosen]
        return (features, targets), targets

    def on_epoch_end(self):
        """Shuffles for the next epoch."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self):
        self.order = np.arange(len(self.targets))
        if self.seed is not None:
            np.random.default_rng([self.seed, self.epoch]).shuffle(self.order)
