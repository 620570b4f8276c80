"""How far scores are from the shares of what is right, and how to bring them closer."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

BINS = 15
SMALLEST = 5e-7
"""Score that counts as different from 0; predictions.csv holds six digits."""


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = BINS) -> float:
    """Mean gap between confidence and accuracy over bins of equal width, weighted by how many fall into each.

    Args:
        confidence: best score of each prediction, within 0 and 1.
        correct: whether it was right.
        bins: of equal width.

    Example:
        >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
        0.4

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equation 3.
    """
    found = reliability(confidence, correct, bins)
    return float((found.n * (found.accuracy - found.confidence).abs()).sum() / found.n.sum())


def reliability(confidence: np.ndarray, correct: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """What a reliability diagram shows.

    Args:
        confidence: best score of each prediction, within 0 and 1.
        correct: whether it was right.
        bins: of equal width.

    Returns:
        One row for each bin that something falls into, with low, high, n, mean confidence and accuracy.

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
    """The temperature with which scores say best how likely each label is; above 1 they were too sure.

    Args:
        scores: `(clips, labels)`, each row summing to 1, of clips that were not trained on.
        truth: numbers of the true labels, `(clips,)`.

    Returns:
        The temperature with the least cross-entropy, within 0.05 and 20.

    Example:
        >>> fit_temperature(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
        20.0

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section 4.2.
    """

    def surprise(logarithm: float) -> float:
        chosen = at_temperature(scores, np.exp(logarithm))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, SMALLEST)).mean())

    found = minimize_scalar(surprise, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return round(float(np.exp(found.x)), 4)


def at_temperature(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Scores drawn towards each other, or apart, without a change of their order.

    For the scores of one segment, that is what dividing the network's last activations by the temperature does.

    Args:
        scores: `(clips, labels)`, each row summing to 1.
        temperature: above 0; 1 changes nothing.

    Example:
        >>> at_temperature(np.array([[0.8, 0.2]]), 2.0)
        array([[0.66666667, 0.33333333]])
    """
    logarithms = np.log(np.maximum(np.asarray(scores, float), SMALLEST)) / temperature
    powers = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
