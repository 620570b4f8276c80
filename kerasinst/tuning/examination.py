"""What there is to know of a trained network of a trial: its score, which segments it gets right, and its costs."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from kerasinst.evaluation.figures import figure, quality
from kerasinst.experiment import Experiment
from kerasinst.features import Features, PreparedData, label_balanced_order
from kerasinst.networks.costs import multiply_adds
from kerasinst.tflite import conversion
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.training.fit import Fitted

CHECKED = 64
"""Number of segments on which a conversion is compared with its network."""
CHUNK = 256
"""Number of segments that are scored at once."""


@dataclass(frozen=True)
class Examined:
    """What there is to know of a trained network.

    Attributes:
        score: value of the objective.
        quality: how right each validation segment is, shape `(segments,)`; see `evaluation.figures.quality`.
        costs: parameters and multiply_adds.
    """

    score: float
    quality: np.ndarray
    costs: dict[str, float]


def examine(experiment: Experiment, fitted: Fitted, *, data: PreparedData, features: Features) -> Examined:
    """Scores the validation segments with a trained network.

    Args:
        experiment: experiment of the trial, with a search section.
        fitted: the trained network.
        data: data on which it was trained.
        features: features of the data.

    Raises:
        BadInput: if the objective is that of the converted network, and the backend is not TensorFlow.
        ConversionFailed: if the network cannot be converted.
    """
    search, task = experiment.search, experiment.task
    targets, network = data.targets("validation", task), fitted.network
    costs = {"parameters": network.count_params(), "multiply_adds": multiply_adds(network)}
    if search is None or not search.converted:
        scores = _in_chunks(lambda part: keras.ops.convert_to_numpy(network(part, training=False)), features)
        return Examined(fitted.score, quality(targets, scores=scores, task=task), costs)
    rows = label_balanced_order(data.targets("train", task), fitted.seed)[: experiment.compression.calibration]
    calibration = features.scaled("train", rows)
    content = conversion.convert(network, "int8", check=calibration[:CHECKED], calibration=calibration)
    scores = _in_chunks(TFLiteInterpreter(content).run, features)
    score = figure(search.figure, targets, scores=scores, task=task)
    return Examined(score, quality(targets, scores=scores, task=task), costs)


def _in_chunks(score: Callable[[np.ndarray], np.ndarray], features: Features) -> np.ndarray:
    """Scores the validation segments; a network is not compiled for that, which would take longer."""
    rows = np.arange(len(features.arrays["validation"]))
    parts = (rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK))
    return np.concatenate([score(features.scaled("validation", part)) for part in parts])
