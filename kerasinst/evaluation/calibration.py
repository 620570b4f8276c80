"""How far scores are from the shares of what is right."""

import numpy as np


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
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
    which = np.clip(np.ceil(np.asarray(confidence) * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(which, np.asarray(correct, float), bins) - np.bincount(which, confidence, bins)
    return float(np.abs(gaps).sum() / len(which))
