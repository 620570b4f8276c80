"""A network and its augmentations as one trainable model, so that augmentations run within the compiled step."""

from collections.abc import Collection, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp.frontend import FrontEnd


class TrainingModel(keras.Model):
    """Trains a network on augmented batches, on every backend.

    Its input is `(features, targets)`; targets take part in the forward pass since augmentations mix them, too.

    Args:
        network: model from scaled features to scores.
        scaling: layer that scales features, or None.
        augmentations: layers `(features, targets) -> (features, targets)`, which are applied in order while training.
        class_weights: weight of each label in the loss, `(labels,)`, or None; a mixed target has the mean weight of its
            labels.
        frontend: layer from waveforms to features, if some batches hold waveforms.
        masks: whether targets may be NaN, for labels that nobody judged, which then count in no loss and no metric.
    """

    def __init__(
        self,
        network: keras.Model,
        scaling: keras.layers.Layer | None = None,
        *,
        augmentations: Sequence[keras.layers.Layer] = (),
        class_weights: np.ndarray | None = None,
        frontend: FrontEnd | None = None,
        masks: bool = False,
    ) -> None:
        super().__init__(autocast=False)  # targets stay as they are with mixed precision
        self.network = network
        self.scaling = scaling
        self.augmentations = list(augmentations)
        self.class_weights = class_weights
        self.frontend = frontend
        self.masks = masks

    def build(self, input_shape: Any) -> None:
        """Builds nothing, since all parts are built already."""

    def freeze(self, layers: Collection[str]) -> None:
        """Freezes the named layers of the network except the scores, and lets all others learn."""
        for layer in self.network.layers:
            layer.trainable = layer.name not in layers or layer.name == "scores"

    def call(self, inputs: tuple[Tensor, Tensor], training: bool = False) -> tuple[Tensor, Tensor]:
        """Computes scores, and the targets with which they are compared."""
        features, targets = inputs
        if self.frontend is not None and len(features.shape) == 2:
            features = self.frontend(features)
        if self.scaling is not None:
            features = self.scaling(features)
        if training:
            for augment in self.augmentations:
                features, targets = augment(features, targets)
        return self.network(features, training=training), targets

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Tensor | None = None,
        training: bool = True,
    ) -> Tensor:
        """Compares the scores with the mixed targets. Scores without a target become constants, which learn nothing."""
        scores, targets = y_pred
        if self.masks:
            judged = ~ops.isnan(targets)
            scores = ops.where(judged, scores, 0.0)
            targets = ops.where(judged, targets, getattr(self.loss, "unjudged", 0.0))
        if training and self.class_weights is not None:
            weights = ops.sum(ops.maximum(targets, 0.0) * self.class_weights, axis=-1)
            sample_weight = weights if sample_weight is None else weights * sample_weight
        return super().compute_loss(x, targets, scores, sample_weight, training)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: tuple[Tensor, Tensor], sample_weight: Tensor | None = None
    ) -> dict[str, Any]:
        """Compares the scores with the mixed targets, each label on its own if some are to be left out."""
        scores, targets = y_pred
        if self.masks:
            judged = ops.cast(~ops.isnan(targets), scores.dtype)
            if sample_weight is not None:
                judged = judged * ops.reshape(sample_weight, (-1, *[1] * (len(targets.shape) - 1)))
            targets = ops.where(ops.isnan(targets), 0.0, targets)
            scores, targets, sample_weight = (ops.reshape(each, (-1, 1)) for each in (scores, targets, judged))
        return super().compute_metrics(x, targets, scores, sample_weight)
