"""Operating points: which threshold finds how much, and at what cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 60
"""Number of bisections, after which a price is known to all digits of a float."""


@dataclass(frozen=True)
class Curve:
    """What thresholds would report, from the highest to the lowest.

    Attributes:
        thresholds: thresholds between neighbouring scores, `(points,)`; the first one reports nothing.
        found: number of labels that are rightly reported, `(points,)`.
        false: number of labels that are falsely reported, `(points,)`.
        n_true: number of labels that sound.
        n_silent: number of labels that do not sound.
    """

    thresholds: np.ndarray
    found: np.ndarray
    false: np.ndarray
    n_true: int
    n_silent: int

    @classmethod
    def of(cls, scores: np.ndarray, truth: np.ndarray) -> "Curve":
        """Computes the curve of scores, where NaN in `truth` is not judged.

        Args:
            scores: scores of shape `(n,)`; those of minus infinity cannot be reported.
            truth: 1, 0 or NaN for each score.
        """
        judged = ~np.isnan(truth)
        scores, truth = scores[judged], truth[judged] >= 0.5
        n_true = int(truth.sum())
        n_silent = len(truth) - n_true
        scores, truth = scores[scores > -np.inf], truth[scores > -np.inf]
        order = np.argsort(-scores, kind="stable")
        ordered, right = scores[order], truth[order]
        ends = np.flatnonzero(np.r_[np.diff(ordered) != 0, True]) if len(ordered) else np.zeros(0, int)
        values = ordered[ends]
        below = np.r_[values[1:], np.minimum(0.0, values[-1:] - 1)]
        thresholds = np.r_[_above(values), (values + below) / 2] if len(values) else np.array([1.0])
        found, false = (np.r_[0, np.cumsum(which)[ends]] for which in (right, ~right))
        return cls(thresholds, found, false, n_true, n_silent)


def _above(values: np.ndarray) -> float:
    """Returns a threshold above all scores."""
    return float((values[0] + max(1.0, values[0])) / 2) if values[0] < 1 else float(np.nextafter(values[0], np.inf))


def best_f1(curve: Curve) -> float:
    """Finds the threshold with the best F1; of equal ones, the highest.

    Example:
        >>> best_f1(Curve.of(np.array([0.9, 0.6, 0.2]), np.array([1.0, 1.0, 0.0])))
        0.4
    """
    return float(curve.thresholds[np.argmax(2 * curve.found / (curve.found + curve.false + max(1, curve.n_true)))])


def best_trade_off(curve: Curve) -> float:
    """Finds the threshold with the smallest `FN / N_playing + FP / N_not_playing`; of equal ones, the highest.

    Source: "Musical Instrument Identification From a Soundtrack", the loss of the musicnet study.
    """
    missed = (curve.n_true - curve.found) / max(1, curve.n_true)
    return float(curve.thresholds[np.argmin(missed + curve.false / max(1, curve.n_silent))])


def within_budget(curves: Sequence[Curve], allowed: float) -> list[float]:
    """Finds the thresholds that find the most with a limited number of false reports together.

    Each label pays the same price for a false report, and the price is the smallest one with which the budget suffices.

    Args:
        curves: curve of each label.
        allowed: number of false reports that is allowed.

    Returns:
        The threshold of each label.

    Source: Everett, Generalized Lagrange multiplier method for solving problems of optimum allocation of resources
        (Operations Research, 1963).
    """
    if len(curves) == 1:
        (curve,) = curves
        return [float(curve.thresholds[np.flatnonzero(curve.false <= allowed)[-1]])]

    def points(price: float) -> list[int]:
        return [int(np.argmax(curve.found - price * curve.false)) for curve in curves]

    low, high = 0.0, float(max(curve.n_true for curve in curves) + 1)
    for _ in range(STEPS):
        price = (low + high) / 2
        spent = sum(curve.false[point] for curve, point in zip(curves, points(price), strict=True))
        low, high = (low, price) if spent <= allowed else (price, high)
    fitted = [float(curve.thresholds[point]) for curve, point in zip(curves, points(high), strict=True)]
    return max(fitted, _common(curves, allowed), key=lambda thresholds: _found(curves, thresholds))


def _common(curves: Sequence[Curve], allowed: float) -> list[float]:
    """Finds the smallest threshold, the same for all labels, with which the budget suffices."""
    candidates = np.sort(np.concatenate([curve.thresholds for curve in curves]))
    spent = sum(curve.false[_points(curve, candidates)] for curve in curves)
    return [float(candidates[np.argmax(spent <= allowed)])] * len(curves)


def _found(curves: Sequence[Curve], thresholds: Sequence[float]) -> int:
    """Counts what thresholds find."""
    return sum(int(curve.found[_points(curve, each)]) for curve, each in zip(curves, thresholds, strict=True))


def _points(curve: Curve, thresholds: np.ndarray | float) -> np.ndarray:
    """Finds the point of a curve at which each threshold lies."""
    return np.maximum(np.searchsorted(-curve.thresholds, -np.asarray(thresholds), side="right") - 1, 0)
