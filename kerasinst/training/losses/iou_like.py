"""The musicnet study's loss: the share of playing instruments missed, and of silent ones reported."""

import keras
from keras import ops

SMALL = 1e-7


def iou_like(task):
    """Builds the loss of `IoULike`.

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
    """FN / N_playing + FP / N_not_playing, with scores counted as they are, so that it has a gradient.

    A score s of a playing label counts as 1 - s missed, of a silent label as s reported. With scores of 0 and 1 it is
    the study's discrete form. Both counts are taken over the whole batch, so that frames where nothing, or everything,
    plays are defined too.

    Input shape: targets and scores `(batch, labels)`, within 0 and 1.

    Source: "Musical Instrument Identification From a Soundtrack" (the IoU-like loss).
    """

    def __init__(self, reduction="sum", name="iou_like", **kwargs):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true, y_pred):
        """One value for each label and sample, which sum to the loss."""
        playing = y_true / (ops.sum(y_true) + SMALL)
        silent = (1.0 - y_true) / (ops.sum(1.0 - y_true) + SMALL)
        return playing * (1.0 - y_pred) + silent * y_pred


@keras.saving.register_keras_serializable("kerasinst")
class MissAndFalseAlarmRate(keras.metrics.Metric):
    """The discrete form of `IoULike`, over all batches of an epoch.

    Args:
        threshold: a score above it reports the label.

    Example:
        >>> rate = MissAndFalseAlarmRate()
        >>> rate.update_state([[1.0, 1.0, 0.0, 0.0]], [[0.9, 0.4, 0.7, 0.0]])
        >>> float(rate.result())                                                     # 1/2 + 1/2
        1.0
    """

    def __init__(self, threshold=0.5, name="missed_and_false", **kwargs):
        super().__init__(name=name, **kwargs)
        self.threshold = threshold
        self.counts = self.add_weight(shape=(4,), initializer="zeros", name="counts")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts missed, playing, false and silent labels; weights of samples do not matter."""
        playing = ops.cast(y_true, self.dtype) > 0.5
        reported = ops.cast(y_pred, self.dtype) > self.threshold
        counted = (playing & ~reported, playing, ~playing & reported, ~playing)
        self.counts.assign_add(ops.stack([ops.sum(ops.cast(each, self.dtype)) for each in counted]))

    def result(self):
        """FN / N_playing + FP / N_not_playing."""
        missed, playing, false, silent = ops.unstack(ops.convert_to_tensor(self.counts))
        return missed / (playing + SMALL) + false / (silent + SMALL)

    def get_config(self):
        """All arguments."""
        return {**super().get_config(), "threshold": self.threshold}
