"""How far a figure could be off: bootstrap over groups."""

import numpy as np
import pandas as pd


def bootstrap_accuracy(
    correct: np.ndarray, groups: np.ndarray, draws: int = 2000, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of an accuracy, with whole groups drawn.

    Clips of one group (a recording, an instrument) are not independent, so groups are drawn with replacement, and
    each draw's accuracy is that of all clips in the drawn groups.

    Args:
        correct: 1 or 0 (or True or False) for each clip, shape `(clips,)`.
        groups: of each clip, shape `(clips,)`.
        draws: with replacement.
        level: share of draws within the interval.
        seed: of the draws.

    Returns:
        `(low, high)`, both within 0 and 1.

    Example:
        >>> bootstrap_accuracy(np.array([1, 1, 0, 1]), np.array(["a", "a", "b", "c"]))
        (0.0, 1.0)

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; Field and Welsh,
        Bootstrapping clustered data (2007).
    """
    by_group = pd.Series(np.asarray(correct, float)).groupby(np.asarray(groups)).agg(["sum", "count"]).to_numpy()
    right, total = (_times(len(by_group), draws, seed) @ by_group).T
    return _ends(right / total, level)


def bootstrap_f1(
    true: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray,
    n_labels: int,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of macro F1, with whole groups drawn.

    Args:
        true: numbers of the true labels, shape `(clips,)`.
        predicted: numbers of the predicted labels.
        groups: of each clip.
        n_labels: that there are.
        draws: with replacement.
        level: share of draws within the interval.
        seed: of the draws.

    Returns:
        `(low, high)`, both within 0 and 1.

    Example:
        >>> bootstrap_f1(np.array([0, 1]), np.array([0, 1]), np.array(["a", "b"]), n_labels=2)
        (1.0, 1.0)

    Source: as `bootstrap_accuracy`.
    """
    return _ends(macro_f1(drawn_confusions(true, predicted, groups, n_labels, draws, seed)[1:]), level)


def drawn_confusions(
    true: np.ndarray, predicted: np.ndarray, groups: np.ndarray, n_labels: int, draws: int, seed: int
) -> np.ndarray:
    """Confusion matrices `(1 + draws, labels, labels)`: of what was observed, then of groups drawn with replacement."""
    group = pd.factorize(np.asarray(groups))[0]
    by_group = np.zeros((group.max() + 1, n_labels, n_labels))
    np.add.at(by_group, (group, np.asarray(true), np.asarray(predicted)), 1)
    times = np.vstack([np.ones(len(by_group), int), _times(len(by_group), draws, seed)])
    return (times @ by_group.reshape(len(by_group), -1)).reshape(-1, n_labels, n_labels)


def macro_f1(confusions: np.ndarray) -> np.ndarray:
    """Mean F1 of the labels that occur, of each confusion matrix (rows true, columns predicted)."""
    hits = np.diagonal(confusions, axis1=-2, axis2=-1)
    true, predicted = confusions.sum(-1), confusions.sum(-2)
    f1 = 2 * hits / np.maximum(true + predicted, 1)
    occurs = true > 0
    return (f1 * occurs).sum(-1) / np.maximum(occurs.sum(-1), 1)


def _times(groups: int, draws: int, seed: int) -> np.ndarray:
    """How often each group is drawn, `(draws, groups)`."""
    return np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=draws)


def _ends(drawn: np.ndarray, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
