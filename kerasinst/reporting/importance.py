"""Computes how important each hyperparameter was for the scores of a search."""

import importlib.util
from typing import Any

import pandas as pd

from kerasinst.reporting.trials import full_length, is_numeric, varied, with_score

ENOUGH = 10
"""Smallest number of finished trials for which the importance of hyperparameters is computed."""
BLANK = "–"
"""Value of a text that is blank."""


def comparable(leaderboard: pd.DataFrame) -> pd.DataFrame:
    """Keeps the trials whose scores can be compared: those with a score that trained the most epochs.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
    """
    return full_length(with_score(leaderboard))


def why_unknown(leaderboard: pd.DataFrame) -> str:
    """Says in a sentence why importances cannot be computed. The sentence is empty if they can.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
    """
    trials = comparable(leaderboard)
    if len(trials) < ENOUGH:
        length = " with the most epochs" if len(trials) < len(with_score(leaderboard)) else ""
        return (
            f"Fewer than {ENOUGH} different trials{length} have finished: too few to say which hyperparameters matter."
        )
    if trials.score.nunique() < 2 or not varied(trials):
        return "All trials are alike, so that none of their hyperparameters can matter."
    if importlib.util.find_spec("optuna") is None:
        return "To see which hyperparameters matter, pip install 'kerasinst[optuna]' and make this page again."
    return ""


def importances(leaderboard: pd.DataFrame) -> dict[str, float]:
    """Computes the share of each hyperparameter in the variance of the scores, by the fANOVA of Optuna.

    A random forest learns the scores of the trials with the most epochs; the variance of its predictions is split
    among hyperparameters. Numbers enter as ranks, so that those of a logarithmic range lie evenly. A blank number, of a
    trial to which it does not apply, enters as the middle rank, so that it says nothing; a blank text is a value.

    Args:
        leaderboard: trials as leaderboard.csv holds them, for which `why_unknown` is empty.

    Returns:
        Shares by hyperparameter, which sum to 1, the largest first. Keys that never vary have none.

    Source: Hutter et al., An Efficient Approach for Assessing Hyperparameter Importance (ICML 2014).
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    trials = comparable(leaderboard)
    columns = {name: _values(trials[name]) for name in varied(trials)}
    distributions = {name: _distribution(values) for name, values in columns.items()}
    study = optuna.create_study()
    for row, score in enumerate(trials.score.astype(float)):
        drawn = {name: values[row] for name, values in columns.items()}
        study.add_trial(optuna.trial.create_trial(value=score, params=drawn, distributions=distributions))
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return optuna.importance.get_param_importances(study, evaluator=evaluator)


def _values(column: pd.Series) -> list[Any]:
    """Gives the values of a hyperparameter as ranks from 1, or as texts."""
    if is_numeric(column):
        ranks = column.astype(float).rank(method="dense")
        return ranks.fillna(ranks.median() // 1).astype(int).tolist()
    return column.astype(object).where(column.notna(), BLANK).astype(str).tolist()


def _distribution(values: list[Any]) -> Any:
    """Gives the distribution of values in Optuna's words."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(values[0], int):
        return IntDistribution(min(values), max(values))
    return CategoricalDistribution(sorted(set(values)))
