"""What short trainings say of long ones: the scores of trials after each epoch, and whether their order stays."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import ConstantInputWarning, spearmanr

from kerasinst.evaluation.figures import sign
from kerasinst.runs.artifacts import ARTIFACTS
from kerasinst.tuning.repeats import training_folders

AGREES = 0.5
"""Smallest rank correlation with which trials may be compared after few epochs."""


def scores_by_epoch(trial: Path, monitor: str, *, trainings: int = 1, ended: bool = False) -> list[float]:
    """Reads the score of a trial after each epoch: the best so far, and the mean of its trainings.

    Args:
        trial: folder of the trial.
        monitor: figure by which epochs are compared.
        trainings: number of its trainings.
        ended: whether all of them have come as far as they were asked to, so that a shorter one lost its patience; its
            best score counts from there on.

    Returns:
        The scores, of as many epochs as all of its trainings have; none if one has not begun.
    """
    curves = []
    for folder in training_folders(trial):
        history = ARTIFACTS["history"].within(folder)
        if not history.is_file():
            return []
        values = pd.read_csv(history, float_precision="round_trip")[monitor] * sign(monitor)
        curves.append((values.fillna(-np.inf).cummax() * sign(monitor)).tolist())
    if len(curves) < trainings:
        return []
    length = (max if ended else min)(map(len, curves))
    padded = [[*curve, *[curve[-1]] * (length - len(curve))][:length] for curve in curves]
    return np.mean(padded, axis=0).tolist()


def rank_correlation(curves: Sequence[Sequence[float]], epochs: int) -> float:
    """Computes how well the order of trials after some epochs agrees with that at their end.

    Args:
        curves: scores of each trial after each epoch, see `scores_by_epoch`.
        epochs: number of epochs; a training that ended earlier is taken as it ended.

    Returns:
        Spearman's rank correlation, from -1 to 1; NaN if all trials are equal at one of the two times.

    Example:
        >>> rank_correlation([[0.2, 0.5], [0.3, 0.6], [0.4, 0.7]], 1)
        1.0
    """
    early = [curve[min(epochs, len(curve)) - 1] for curve in curves]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantInputWarning)
        return float(spearmanr(early, [curve[-1] for curve in curves]).statistic)


def agreement(correlation: float, *, epochs: int, of: int, trials: int) -> str:
    """Says how well the order of trials after some epochs agrees with that at their end.

    Args:
        correlation: what `rank_correlation` gives.
        epochs: number of epochs.
        of: number of epochs of a whole trial.
        trials: number of trials that were compared.
    """
    verdict = "enough" if correlation >= AGREES else f"less than {AGREES:.2f}, too little"
    return (
        f"after {epochs} of {of} epochs, the order of the first {trials} trials agrees with that at their end by "
        f"{correlation:.2f} (rank correlation): {verdict} to stop trials by"
    )
