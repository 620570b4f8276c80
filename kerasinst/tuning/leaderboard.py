"""The trials of a search as a table."""

import pandas as pd
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.runs.artifacts import TRIAL_COLUMNS
from kerasinst.tuning.oracle import SearchOracle
from kerasinst.tuning.space import Space


def leaderboard(oracle: SearchOracle, space: Space) -> pd.DataFrame:
    """Makes a table of the trials that have ended, best first; those that failed come last.

    Args:
        oracle: oracle that drew the trials.
        space: search space from which it drew.

    Returns:
        One row per trial, with `TRIAL_COLUMNS` and a column for each key of the space.
    """
    rows = [{**_figures(trial), **space.values(trial.hyperparameters.values)} for trial in oracle.ended()]
    board = pd.DataFrame(rows, columns=[*TRIAL_COLUMNS, *space.keys])
    board = board.astype({"score": float, "parameters": "Int64", "seconds": float, "epochs": "Int64"})
    return board.sort_values(
        ["score", "trial_id"],
        ascending=[oracle.objective.direction == "min", True],
        na_position="last",
        key=lambda column: column.astype(int) if column.name == "trial_id" else column,
    ).reset_index(drop=True)


def _figures(trial: Trial) -> dict[str, object]:
    """Gives the columns of a trial that are no hyperparameters."""
    row: dict[str, object] = {"trial_id": trial.trial_id, "status": trial.status}
    if trial.status != TrialStatus.COMPLETED:
        return {**row, "reason": ((trial.message or "").strip().splitlines() or [""])[-1]}
    named = ("parameters", "seconds", "epochs")
    figures = {name: trial.metrics.get_best_value(name) for name in named if trial.metrics.exists(name)}
    return {**row, "score": trial.score, **figures, "seconds": round(figures["seconds"], 3)}
