"""The trials of a search as a table."""

import math

import keras_tuner
import pandas as pd
from keras_tuner.engine.trial import TrialStatus

from kerasinst.tuning.space import Space

COLUMNS = ("trial_id", "status", "score", "parameters", "seconds")
"""Columns before those of the hyperparameters."""


def leaderboard(oracle: keras_tuner.Oracle, space: Space) -> pd.DataFrame:
    """Makes a table of the finished trials, best first; trials without a finite score count as failed, and come last.

    Args:
        oracle: oracle that drew the trials.
        space: search space from which it drew.

    Returns:
        One row per trial, with `COLUMNS` and a column for each key of the space.
    """
    rows = []
    for trial in oracle.trials.values():
        if trial.status == TrialStatus.RUNNING:
            continue
        sound = trial.status == TrialStatus.COMPLETED and trial.score is not None and math.isfinite(trial.score)
        rows.append(
            {
                "trial_id": trial.trial_id,
                "status": trial.status if sound or trial.status != TrialStatus.COMPLETED else TrialStatus.FAILED,
                "score": trial.score if sound else None,
                "parameters": int(trial.metrics.get_best_value("parameters")) if sound else None,
                "seconds": round(trial.metrics.get_best_value("seconds"), 3) if sound else None,
                **space.values(trial.hyperparameters.values),
            }
        )
    board = pd.DataFrame(rows, columns=[*COLUMNS, *space.entries])
    board = board.astype({"score": float, "parameters": "Int64", "seconds": float})
    return board.sort_values(
        ["score", "trial_id"],
        ascending=[oracle.objective.direction == "min", True],
        na_position="last",
        key=lambda column: column.astype(int) if column.name == "trial_id" else column,
    ).reset_index(drop=True)
