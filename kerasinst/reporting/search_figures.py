"""Lists the figures of a search, for the page of a run and for the report that compares runs."""

from collections.abc import Callable
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from kerasinst.reporting.plots.hyperparameters import hyperparameter_importance, parallel_coordinates
from kerasinst.reporting.plots.search import scores
from kerasinst.reporting.plots.search_costs import scores_over_costs

SAY = {
    "scores": "Scores of the trials in the order of asking and over time; the line joins the best so far",
    "costs": "Scores over what networks cost; filled trials are on the Pareto front: none beats them in every respect",
    "coordinates": "Each line is a trial: the darker, the better its score; below an axis run those without that key",
    "importance": "How much of the variance of the scores each hyperparameter explains, by a forest fitted to trials",
}
"""Sentences that say what the figures show, by their names."""


def search_figures(
    leaderboard: pd.DataFrame, *, objective: str, as_written: str | None
) -> dict[str, Callable[[], Figure | None]]:
    """Gives the functions that draw the figures of a search, by the names in `SAY`.

    Args:
        leaderboard: trials as leaderboard.csv holds them, the best first.
        objective: name of the score.
        as_written: id of the trial of the experiment as it is written, or None.
    """
    return {
        "scores": partial(scores, leaderboard, objective=objective, as_written=as_written),
        "costs": partial(scores_over_costs, leaderboard, objective=objective, as_written=as_written),
        "coordinates": partial(parallel_coordinates, leaderboard, objective=objective),
        "importance": partial(hyperparameter_importance, leaderboard),
    }
