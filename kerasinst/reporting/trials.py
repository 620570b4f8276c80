"""Reads the trials of a leaderboard, which may come from an earlier version and may have blanks anywhere."""

import numpy as np
import pandas as pd

from kerasinst.evaluation.figures import sign
from kerasinst.runs.artifacts import BASELINE, TRIAL_COLUMNS


def hyperparameters(leaderboard: pd.DataFrame) -> list[str]:
    """Lists the columns that are hyperparameters.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
    """
    return [name for name in leaderboard if name not in TRIAL_COLUMNS]


def varied(trials: pd.DataFrame) -> list[str]:
    """Lists the hyperparameters that differ between trials. A blank differs from any value.

    Args:
        trials: trials as leaderboard.csv holds them.
    """
    return [name for name in hyperparameters(trials) if trials[name].astype(str).nunique() > 1]


def with_score(leaderboard: pd.DataFrame) -> pd.DataFrame:
    """Keeps the trials that have a finite score, without classical models.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
    """
    return leaderboard[np.isfinite(numbers(leaderboard, "score")) & (leaderboard.status != BASELINE)]


def numbers(leaderboard: pd.DataFrame, name: str) -> pd.Series:
    """Returns a column as numbers; blanks, and a column that is not there, are NaN.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
        name: name of the column.
    """
    if name not in leaderboard:
        return pd.Series(np.nan, leaderboard.index, dtype=float)
    return pd.to_numeric(leaderboard[name], errors="coerce").astype(float)


def marked(leaderboard: pd.DataFrame, name: str) -> pd.Series:
    """Tells in which rows a column says True; blanks, and a column that is not there, do not.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
        name: name of the column, such as "pareto".
    """
    if name not in leaderboard:
        return pd.Series(False, leaderboard.index)
    return leaderboard[name].astype(str) == "True"


def full_length(trials: pd.DataFrame) -> pd.DataFrame:
    """Keeps the trials with the most epochs, and all of them if no epochs are known.

    Args:
        trials: trials as leaderboard.csv holds them.
    """
    epochs = numbers(trials, "epochs")
    return trials if epochs.isna().all() else trials[epochs == epochs.max()]


def is_numeric(column: pd.Series) -> bool:
    """Returns True if the values of a column are numbers, blanks aside.

    Args:
        column: values of one hyperparameter.
    """
    known = column.dropna()
    return not known.empty and pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known)


def goodness(scores: pd.Series, objective: str) -> pd.Series:
    """Turns scores into numbers of which a higher one is better.

    Args:
        scores: scores of trials.
        objective: name of the score.
    """
    return scores * sign(objective)
