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
    random = np.random.default_rng(seed)
    times = random.multinomial(len(by_group), np.full(len(by_group), 1 / len(by_group)), size=draws)
    right, total = (times @ by_group).T
    low, high = np.quantile(right / total, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
