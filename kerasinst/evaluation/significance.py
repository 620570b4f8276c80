"""Tests whether two models differ by more than chance on the same clips."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from kerasinst.evaluation.intervals import counts, macro_f1, resampled

ALPHA = 0.05
"""P-value below which two models are said to differ."""


def mcnemar(
    correct: np.ndarray,
    other_correct: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    draws: int = 9999,
    seed: int = 0,
) -> float:
    """Tests by McNemar's test whether two models are right equally often.

    Clips of one group (a recording, an instrument) are not independent. If groups hold several clips, a permutation
    test exchanges the two models group by group. With one clip per group, this is what the exact test computes.

    Args:
        correct: whether one model is right on each clip, shape `(clips,)`.
        other_correct: whether the other model is right on the same clips, shape `(clips,)`.
        groups: group of each clip, shape `(clips,)`; None makes each clip a group of its own.
        draws: number of permutations, if groups hold several clips.
        seed: seed of the permutations.

    Returns:
        The two-sided p-value; 1 if both models are right on the same clips.

    Raises:
        ValueError: if the two arrays differ in shape.

    Example:
        >>> mcnemar(np.array([1, 1, 1, 1, 1, 1]), np.array([0, 0, 0, 0, 0, 0]))
        0.03125

    Source: McNemar, Note on the sampling error of the difference between correlated proportions (1947); the exact form
        is a binomial test of the clips on which the models disagree.
    """
    correct, other_correct = np.asarray(correct, bool), np.asarray(other_correct, bool)
    if correct.shape != other_correct.shape:
        raise ValueError(f"{correct.shape} and {other_correct.shape}: both must judge the same clips")
    if groups is not None and pd.Series(np.asarray(groups)).duplicated().any():
        return permutation_test(correct, other_correct, groups=np.asarray(groups), draws=draws, seed=seed)
    gained, lost = int((correct & ~other_correct).sum()), int((other_correct & ~correct).sum())
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def permutation_test(
    values: np.ndarray, other_values: np.ndarray, *, groups: np.ndarray, draws: int = 9999, seed: int = 0
) -> float:
    """Tests whether two models do equally well, by exchanging them group by group.

    Args:
        values: how well one model does on each clip or segment, shape `(clips,)`.
        other_values: how well the other model does on the same ones, shape `(clips,)`.
        groups: group of each, shape `(clips,)`.
        draws: number of permutations.
        seed: seed of the permutations.

    Returns:
        The two-sided p-value of the difference of their sums, which is at least `1 / (draws + 1)`.

    Example:
        >>> permutation_test(np.ones(4), np.ones(4), groups=np.array([1, 1, 2, 2]))
        1.0

    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses (2005), for matched pairs.
    """
    difference = values.astype(float) - other_values.astype(float)
    by_group = pd.Series(difference).groupby(groups).sum().to_numpy()
    by_group = by_group[np.abs(by_group) > 1e-9]  # equal groups change nothing
    signs = np.random.default_rng(seed).choice([-1, 1], size=(draws, len(by_group)))
    as_far = int((np.abs(signs @ by_group) >= abs(by_group.sum()) - 1e-9).sum())
    return (as_far + 1) / (draws + 1)


def compare_f1(
    true: np.ndarray,
    predicted: np.ndarray,
    *,
    other_predicted: np.ndarray,
    groups: np.ndarray,
    n_labels: int,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, tuple[float, float], float]:
    """Computes the difference of macro F1 of two models, with an interval and a test of it, both with whole groups.

    The interval is a paired bootstrap: groups are drawn with replacement, the same for both models. The p-value comes
    from a permutation test, which exchanges the two models group by group. (A p-value of the bootstrap calls equal
    models different far too often if there are few clips.)

    Args:
        true: number of each clip's true label, shape `(clips,)`, or which labels each clip has, `(clips, labels)`.
        predicted: labels that one model predicts, in the same form.
        other_predicted: labels that the other model predicts, in the same form.
        groups: group of each clip, shape `(clips,)`.
        n_labels: number of labels.
        draws: number of draws of the bootstrap, and of permutations.
        level: share of draws within the interval.
        seed: seed of the draws.

    Returns:
        The difference (one less the other), its percentile interval, and a two-sided p-value, which is at least
        `1 / (draws + 1)`.

    Example:
        >>> compare_f1(true, predicted, other_predicted=predicted, groups=groups, n_labels=5)
        (0.0, (0.0, 0.0), 1.0)

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 15; Yeh, More accurate tests
        for the statistical significance of result differences (COLING 2000).
    """
    one, other = (counts(true, each, groups=groups, n_labels=n_labels) for each in (predicted, other_predicted))
    observed = float(macro_f1(one.sum(axis=0)) - macro_f1(other.sum(axis=0)))
    differences = macro_f1(resampled(one, draws, seed=seed)) - macro_f1(resampled(other, draws, seed=seed))
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    swapped = np.random.default_rng(seed).integers(2, size=(draws, len(one))).astype(float)
    gained = (swapped @ (other - one).reshape(len(one), -1)).reshape(draws, n_labels, 3)
    by_chance = macro_f1(one.sum(axis=0) + gained) - macro_f1(other.sum(axis=0) - gained)
    as_far = int((np.abs(by_chance) >= abs(observed) - 1e-9).sum())
    return observed, (float(low), float(high)), (as_far + 1) / (draws + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrects p-values for the number of tests, so that one false alarm among them stays as rare as in a single test.

    Args:
        p_values: p-values of all tests that a table shows.

    Returns:
        Corrected p-values in the same order, at most 1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]

    Source: Holm, A simple sequentially rejective multiple test procedure (1979).
    """
    given = np.asarray(p_values, float)
    order = np.argsort(given, kind="stable")
    stepped = given[order] * np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted.tolist()
