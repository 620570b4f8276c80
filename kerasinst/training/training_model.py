"""A network and its augmentations as one trainable model, so that mixing happens inside the compiled step."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops


class TrainingModel(keras.Model):
    """Trains a network on augmented batches, on every backend.

    Its input is `(features, targets)`: targets take part in the forward pass because augmentations mix them too.

    Args:
        network: model from scaled features to scores.
        scaling: layer that scales features, or None.
        augmentations: layers `(features, targets) -> (features, targets)`, applied in order while training.
        class_weights: of the loss, one for each label, or None; mixed targets weigh what their shares weigh.
        frontend: layer that turns waveforms into features, if some batches hold waveforms.
    """

    def __init__(
        self,
        network: keras.Model,
        scaling: keras.layers.Layer | None = None,
        *,
        augmentations: Sequence[keras.layers.Layer] = (),
        class_weights: np.ndarray | None = None,
        frontend: keras.layers.Layer | None = None,
    ):
        super().__init__(autocast=False)  # targets stay as they are with mixed precision
        self.network = network
        self.scaling = scaling
        self.augmentations = list(augmentations)
        self.class_weights = class_weights
        self.frontend = frontend

    def build(self, input_shape):
        """All parts are built already."""

    def freeze(self, layers):
        """Lets the named layers of the network learn nothing; the others, and always the scores, learn."""
        for layer in self.network.layers:
            layer.trainable = layer.name not in layers or layer.name == "scores"

    def call(self, inputs, training=False):
        """Gives scores and the targets they are compared with."""
        features, targets = inputs
        if len(features.shape) == 2:
            features = self.frontend(features)
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
            weights = ops.sum(targets * self.class_weights, axis=-1)
            sample_weight = weights if sample_weight is None else weights * sample_weight
        return super().compute_loss(x, targets, scores, sample_weight, training)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Compares the scores with the mixed targets."""
        scores, targets = y_pred
        return super().compute_metrics(x, targets, scores, sample_weight)
