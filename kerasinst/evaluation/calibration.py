"""Measures how well scores agree with accuracy, and improves that by a temperature."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

BINS = 15
"""Number of bins of confidence."""
SMALLEST = 5e-7
"""Smallest score that differs from 0, since predictions.csv holds six digits."""


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, *, bins: int = BINS) -> float:
    """Computes the mean gap between confidence and accuracy in bins of equal width, weighted by their sizes.

    Args:
        confidence: best score of each prediction, from 0 to 1, shape `(predictions,)`.
        correct: whether each prediction is right, shape `(predictions,)`.
        bins: number of bins.

    Returns:
        The error, from 0 to 1.

    Example:
        >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
        0.4

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equation 3.
    """
    found = reliability(confidence, correct, bins=bins)
    return float((found.n * (found.accuracy - found.confidence).abs()).sum() / found.n.sum())


def reliability(confidence: np.ndarray, correct: np.ndarray, *, bins: int = BINS) -> pd.DataFrame:
    """Computes the values of a reliability diagram.

    Args:
        confidence: best score of each prediction, from 0 to 1, shape `(predictions,)`.
        correct: whether each prediction is right, shape `(predictions,)`.
        bins: number of bins of equal width.

    Returns:
        One row for each bin that is not empty, with low, high, n, mean confidence and accuracy.

    Example:
        >>> reliability(np.array([0.9, 0.9]), np.array([True, False]))[["n", "confidence", "accuracy"]].values
        array([[2. , 0.9, 0.5]])

    Source: DeGroot and Fienberg, The comparison and evaluation of forecasters (1983).
    """
    which = np.clip(np.ceil(np.asarray(confidence) * bins).astype(int) - 1, 0, bins - 1)
    table = pd.DataFrame({"bin": which, "confidence": confidence, "accuracy": np.asarray(correct, float)})
    found = table.groupby("bin").agg(
        n=("bin", "size"), confidence=("confidence", "mean"), accuracy=("accuracy", "mean")
    )
    found.insert(0, "low", found.index / bins)
    found.insert(1, "high", (found.index + 1) / bins)
    return found.reset_index(drop=True)


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """Finds the temperature with which scores agree best with how often they are right.

    Args:
        scores: scores of clips that were not trained on, shape `(clips, labels)`; each row sums to 1.
        truth: number of each clip's true label, shape `(clips,)`.

    Returns:
        The temperature with the smallest cross-entropy, from 0.05 to 20. Above 1, the scores were too high.

    Example:
        >>> fit_temperature(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
        20.0

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section 4.2.
    """

    def cross_entropy(logarithm: float) -> float:
        chosen = at_temperature(scores, np.exp(logarithm))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, SMALLEST)).mean())

    found = minimize_scalar(cross_entropy, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return round(float(np.exp(found.x)), 4)


def at_temperature(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Draws scores nearer to each other, or further apart, without a change of their order.

    For the scores of one segment, this is the same as dividing the network's activations before the softmax by the
    temperature.

    Args:
        scores: scores of shape `(clips, labels)`; each row sums to 1.
        temperature: number above 0; 1 changes nothing.

    Returns:
        Scores of the same shape; each row sums to 1.

    Example:
        >>> at_temperature(np.array([[0.8, 0.2]]), 2.0)
        array([[0.66666667, 0.33333333]])
    """
    logarithms = np.log(np.maximum(np.asarray(scores, float), SMALLEST)) / temperature
    powers = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
