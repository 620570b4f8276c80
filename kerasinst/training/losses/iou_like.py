"""The musicnet study's loss: the share of playing instruments that are missed plus that of silent ones reported."""

from typing import Any

import keras
from keras import ops

from kerasinst.core.types import Tensor

SMALL = 1e-7
"""Added to counts that are divided by, so that none is 0."""


def iou_like(task: str) -> keras.losses.Loss:
    """Builds the loss FN / N_playing + FP / N_not_playing, from scores instead of decisions (`IoULike`).

    Args:
        task: must be "multi-label".

    Raises:
        ValueError: if the task is single-label.

    Example:
        >>> float(iou_like("multi-label")([[1.0, 1.0, 0.0, 0.0]], [[0.9, 0.5, 0.2, 0.0]]))     # 0.6/2 + 0.2/2
        0.4
    """
    if task != "multi-label":
        raise ValueError("counts missed and false labels, which needs task: multi-label")
    return IoULike()


@keras.saving.register_keras_serializable("kerasinst")
class IoULike(keras.losses.Loss):
    """FN / N_playing + FP / N_not_playing, from scores instead of decisions, so that it has a gradient.

    A score s counts as 1 - s misses if the label plays, and as s false reports if it is silent. With scores of 0 and 1
    this is the study's discrete form. Counts are taken over the whole batch, so that samples in which nothing or
    everything plays are defined, too.

    Input shape: targets and scores `(batch, labels)`, within 0 and 1. Targets below 0 are not counted.

    Source: "Musical Instrument Identification From a Soundtrack" (the IoU-like loss).
    """

    unjudged = -1.0
    """Target of a label that is not counted."""

    def __init__(self, reduction: str = "sum", name: str = "iou_like", **kwargs: Any) -> None:
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes a value for each label of each sample; their sum is the loss."""
        counted = ops.cast(y_true >= 0, y_true.dtype)
        playing, silent = counted * y_true, counted * (1.0 - y_true)
        playing, silent = (each / (ops.sum(each) + SMALL) for each in (playing, silent))
        return playing * (1.0 - y_pred) + silent * y_pred


@keras.saving.register_keras_serializable("kerasinst")
class MissAndFalseAlarmRate(keras.metrics.Metric):
    """The discrete form of `IoULike`, over all batches of an epoch.

    Args:
        threshold: score above which a label counts as reported.

    Example:
        >>> rate = MissAndFalseAlarmRate()
        >>> rate.update_state([[1.0, 1.0, 0.0, 0.0]], [[0.9, 0.4, 0.7, 0.0]])
        >>> float(rate.result())                                                     # 1/2 + 1/2
        1.0
    """

    def __init__(self, threshold: float = 0.5, name: str = "missed_and_false", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.threshold = threshold
        self.counts = self.add_weight(shape=(4,), initializer="zeros", name="counts")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> None:
        """Counts missed, playing, falsely reported and silent labels, by the weights of their samples."""
        playing = ops.cast(y_true, self.dtype) > 0.5
        reported = ops.cast(y_pred, self.dtype) > self.threshold
        weights = ops.ones_like(y_pred, self.dtype)
        if sample_weight is not None:
            weights = weights * ops.reshape(ops.cast(sample_weight, self.dtype), (-1, *[1] * (len(y_pred.shape) - 1)))
        counted = (playing & ~reported, playing, ~playing & reported, ~playing)
        self.counts.assign_add(ops.stack([ops.sum(weights * ops.cast(each, self.dtype)) for each in counted]))

    def result(self) -> Tensor:
        """Gives FN / N_playing + FP / N_not_playing."""
        missed, playing, false, silent = ops.unstack(ops.convert_to_tensor(self.counts))
        return missed / (playing + SMALL) + false / (silent + SMALL)

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        return {**super().get_config(), "threshold": self.threshold}
