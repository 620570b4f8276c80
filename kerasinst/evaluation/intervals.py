"""Computes confidence intervals of figures by a bootstrap over groups."""

import functools

import numpy as np
import pandas as pd


def bootstrap_accuracy(
    correct: np.ndarray, groups: np.ndarray, *, draws: int = 2000, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Computes the percentile bootstrap interval of an accuracy, with whole groups drawn.

    Clips of one group (a recording, an instrument) are not independent, so groups are drawn with replacement, and
    each draw's accuracy is that of all clips in the drawn groups.

    Args:
        correct: whether each clip is right, shape `(clips,)`.
        groups: group of each clip, shape `(clips,)`.
        draws: number of draws.
        level: share of draws within the interval.
        seed: seed of the draws.

    Returns:
        `(low, high)`, both from 0 to 1.

    Example:
        >>> bootstrap_accuracy(np.array([1, 1, 0, 1]), np.array(["a", "a", "b", "c"]))
        (0.0, 1.0)

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; Field and Welsh,
        Bootstrapping clustered data (2007).
    """
    return bootstrap_ratio(correct, np.ones(len(correct)), groups=groups, draws=draws, level=level, seed=seed)


def bootstrap_ratio(
    numerators: np.ndarray,
    denominators: np.ndarray,
    *,
    groups: np.ndarray,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Computes the percentile bootstrap interval of a ratio of sums, with whole groups drawn.

    Args:
        numerators: what each clip adds to the numerator, `(clips,)`.
        denominators: what each clip adds to the denominator, `(clips,)`.
        groups: group of each clip, `(clips,)`.
        draws: number of draws.
        level: share of draws within the interval.
        seed: seed of the draws.

    Returns:
        `(low, high)`. Draws whose denominator is 0 count as 0.

    Example:
        >>> bootstrap_ratio(np.array([1, 1]), np.array([2, 2]), groups=np.array(["a", "b"]))
        (0.5, 0.5)

    Source: as `bootstrap_accuracy`.
    """
    both = pd.DataFrame({"above": np.asarray(numerators, float), "below": np.asarray(denominators, float)})
    by_group = both.groupby(np.asarray(groups)).sum().to_numpy()
    above, below = (_times(len(by_group), draws, seed) @ by_group).T
    return _ends(above / np.maximum(below, 1e-9), level)


def bootstrap_average_precision(
    true: np.ndarray,
    *,
    scores: np.ndarray,
    known: np.ndarray,
    groups: np.ndarray,
    draws: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Computes the percentile bootstrap interval of mean average precision, with whole groups drawn.

    Args:
        true: which labels each row has, `(rows, labels)`.
        scores: scores of shape `(rows, labels)`.
        known: which labels of each row were judged, `(rows, labels)`.
        groups: group of each row, `(rows,)`.
        draws: number of draws.
        level: share of draws within the interval.
        seed: seed of the draws.

    Returns:
        `(low, high)`; in each draw, the mean is over the labels that occur in it.

    Source: as `bootstrap_accuracy`.
    """
    group, names = pd.factorize(np.asarray(groups))
    times = _times(len(names), draws, seed).astype(float)
    sums, counts = np.zeros(draws), np.zeros(draws)
    for column in range(true.shape[1]):
        rows = known[:, column]
        of_rows, hits, of_group = scores[rows, column], true[rows, column], group[rows]
        edges = _thinned(np.unique(of_rows[hits]))  # the curve rises at the scores of true rows alone
        place = np.searchsorted(edges, of_rows, side="right") - 1
        everything, found = (
            _from_above(times, of_group[chosen], place[chosen], shape=(len(names), len(edges)))
            for chosen in (place >= 0, (place >= 0) & hits)
        )
        total = times @ np.bincount(of_group[hits], minlength=len(names))
        gained = np.diff(found, prepend=0.0)
        precision = (gained * found / np.maximum(everything, 1e-9)).sum(axis=1) / np.maximum(total, 1e-9)
        sums += np.where(total > 0, precision, 0)
        counts += total > 0
    return _ends(sums / np.maximum(counts, 1), level)


def _thinned(edges: np.ndarray, most: int = 4000) -> np.ndarray:
    """Chooses evenly among sorted values if there are very many."""
    return edges if len(edges) <= most else edges[np.linspace(0, len(edges) - 1, most).astype(int)]


def _from_above(times: np.ndarray, group: np.ndarray, place: np.ndarray, *, shape: tuple[int, int]) -> np.ndarray:
    """Counts in each draw the rows from the highest place down to each place, `(draws, places)`, the highest first."""
    counted = np.zeros(shape)
    np.add.at(counted, (group, place), 1)
    return (times @ counted)[:, ::-1].cumsum(axis=1)


def bootstrap_f1(
    true: np.ndarray,
    predicted: np.ndarray,
    *,
    groups: np.ndarray,
    n_labels: int,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Computes the percentile bootstrap interval of macro F1, with whole groups drawn.

    Args:
        true: number of each clip's true label, shape `(clips,)`, or which labels each clip has, `(clips, labels)`.
        predicted: predicted labels, in the same form.
        groups: group of each clip, shape `(clips,)`.
        n_labels: number of labels.
        draws: number of draws.
        level: share of draws within the interval.
        seed: seed of the draws.

    Returns:
        `(low, high)`, both from 0 to 1.

    Example:
        >>> bootstrap_f1(np.array([0, 1]), np.array([0, 1]), groups=np.array(["a", "b"]), n_labels=2)
        (1.0, 1.0)

    Source: as `bootstrap_accuracy`.
    """
    by_group = counts(true, predicted, groups=groups, n_labels=n_labels)
    return _ends(macro_f1(resampled(by_group, draws, seed=seed)), level)


def counts(true: np.ndarray, predicted: np.ndarray, *, groups: np.ndarray, n_labels: int) -> np.ndarray:
    """Counts in each group how often each label is a hit, true, and predicted.

    Args:
        true: number of each clip's true label, shape `(clips,)`, or which labels each clip has, `(clips, labels)`.
        predicted: predicted labels, in the same form.
        groups: group of each clip, shape `(clips,)`.
        n_labels: number of labels.

    Returns:
        Array of shape `(groups, labels, 3)`.
    """
    true, predicted = (_marked(np.asarray(each), n_labels) for each in (true, predicted))
    group, names = pd.factorize(np.asarray(groups))
    by_group = np.zeros((len(names), n_labels, 3))
    np.add.at(by_group, group, np.stack([true & predicted, true, predicted], axis=-1))
    return by_group


def resampled(by_group: np.ndarray, draws: int, *, seed: int) -> np.ndarray:
    """Draws groups with replacement, and sums their counts.

    Args:
        by_group: counts of shape `(groups, ...)`.
        draws: number of draws.
        seed: seed of the draws.

    Returns:
        Sums of shape `(draws, ...)`.
    """
    times = _times(len(by_group), draws, seed)
    return (times @ by_group.reshape(len(by_group), -1)).reshape(draws, *by_group.shape[1:])


def macro_f1(counted: np.ndarray) -> np.ndarray:
    """Computes the mean F1 of the labels that occur.

    Args:
        counted: hits, true and predicted clips of each label, shape `(..., labels, 3)`, see `counts`.

    Returns:
        Array of shape `(...)`.
    """
    hits, true, named = np.moveaxis(counted, -1, 0)
    f1 = 2 * hits / np.maximum(true + named, 1)
    occurs = true > 0
    return (f1 * occurs).sum(-1) / np.maximum(occurs.sum(-1), 1)


def difference_interval(
    value: float, interval: tuple[float, float], *, other: float, other_interval: tuple[float, float]
) -> tuple[float, float]:
    """Computes the interval of the difference of two figures of different data.

    Args:
        value: one figure.
        interval: its interval.
        other: the figure that is subtracted.
        other_interval: its interval.

    Returns:
        `(low, high)` of the difference.

    Example:
        >>> difference_interval(0.9, (0.8, 1.0), other=0.6, other_interval=(0.5, 0.7))
        (0.158..., 0.441...)

    Source: Zou and Donner, Construction of confidence limits about effect measures (2008), equation 1.
    """
    (low, high), (other_low, other_high) = interval, other_interval
    difference = value - other
    return (
        difference - float(np.hypot(value - low, other_high - other)),
        difference + float(np.hypot(high - value, other - other_low)),
    )


def _marked(values: np.ndarray, n_labels: int) -> np.ndarray:
    """Converts numbers of labels to which labels each clip has, shape `(clips, labels)`."""
    return values.astype(bool) if values.ndim == 2 else np.eye(n_labels, dtype=bool)[values]


@functools.lru_cache(maxsize=4)
def _times(groups: int, draws: int, seed: int) -> np.ndarray:
    """Draws how often each group occurs, shape `(draws, groups)`."""
    times = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(float)
    times.setflags(write=False)  # others are given the same
    return times


def _ends(drawn: np.ndarray, level: float) -> tuple[float, float]:
    """Gives the ends of the interval that holds a share of the draws."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
