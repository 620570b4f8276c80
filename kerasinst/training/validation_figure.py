"""Adds the figure that a training monitors to the history, if Keras does not compute it."""

from typing import Any

import keras
import numpy as np

from kerasinst.evaluation.figures import figure
from kerasinst.training.batches import Batches


class ValidationFigure(keras.callbacks.Callback):
    """Computes a figure of the validation segments after each epoch. Put it before callbacks that read the figure.

    Args:
        name: name of the figure, see `evaluation.figures.figure`.
        batches: batches of the validation segments.
        task: "single-label" or "multi-label".
        averages: whether the weights are those of a moving average.
    """

    def __init__(self, name: str, batches: Batches, *, task: str, averages: bool) -> None:
        super().__init__()
        self.name, self.batches, self.task, self.averages = name, batches, task, averages

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Computes the figure and adds it to the logs."""
        if logs is None or self.name in logs:
            return
        swap = [keras.callbacks.SwapEMAWeights()] if self.averages else []
        scores, _ = self.model.predict(self.batches, verbose=0, callbacks=swap)
        scores = self.batches.without_filling(np.asarray(scores))
        if not np.isfinite(scores).all():  # the training has diverged
            logs[self.name] = float("nan")
            return
        logs[self.name] = figure(self.name, self.batches.targets, scores=scores, task=self.task)
