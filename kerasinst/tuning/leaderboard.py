"""The trials of a search as a table."""

from collections.abc import Sequence

import pandas as pd
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.evaluation.figures import sign
from kerasinst.runs.artifacts import COST_COLUMNS, TRIAL_COLUMNS
from kerasinst.tuning.noise import Noise
from kerasinst.tuning.oracle import SearchOracle
from kerasinst.tuning.pareto import pareto_front
from kerasinst.tuning.space import Space

TYPES = {
    "score": float, "deviation": float, "p_value": float, "within_noise": "boolean", "parameters": "Int64",
    "multiply_adds": "Int64", "tflite_bytes": "Int64", "milliseconds": float, "arena_bytes": "Int64",
    "pareto": "boolean", "seconds": float, "epochs": "Int64",
}  # fmt: skip
"""Types of columns."""
WEIGHED = ("tflite_bytes", "milliseconds")
"""Costs of which the Pareto front is marked beside the score, if there is one objective."""


def leaderboard(
    oracle: SearchOracle,
    space: Space,
    *,
    objectives: Sequence[str],
    noise: Noise,
    baselines: Sequence[dict[str, object]] = (),
) -> pd.DataFrame:
    """Makes a table of the trials that have ended, best first; those that failed come last.

    Args:
        oracle: oracle that drew the trials.
        space: search space from which it drew.
        objectives: names of the objectives, of which the first is the score.
        noise: tells which trials are within noise of the best.
        baselines: rows of classical models.

    Returns:
        One row per trial, with `TRIAL_COLUMNS` and a column for each key of the space.
    """
    trials = oracle.ended()
    rows = [{**_figures(trial), **space.values(trial.hyperparameters.values)} for trial in trials]
    rows += baselines
    board = pd.DataFrame(rows, columns=[*TRIAL_COLUMNS, *space.keys]).astype(TYPES)
    board = board.sort_values(
        ["score", "trial_id"],
        ascending=[sign(objectives[0]) < 0, True],
        na_position="last",
        key=lambda column: pd.to_numeric(column, errors="coerce") if column.name == "trial_id" else column,
    ).reset_index(drop=True)
    if board.score.notna().any():
        noise.mark(board)
        costs = [name for name in (objectives[1:] or WEIGHED) if board[name].notna().any()]
        if costs:
            signs = {"score": sign(objectives[0]), **{name: sign(name) for name in costs}}
            board["pareto"] = pareto_front(board[list(signs)], signs)
    return board


def _figures(trial: Trial) -> dict[str, object]:
    """Gives the columns of a trial that are no hyperparameters."""
    worker, line_break, reason = (trial.message or "").partition("\n")
    if not line_break:  # in searches of earlier versions
        worker, reason = "", worker
    row: dict[str, object] = {"trial_id": trial.trial_id, "status": trial.status, "worker": worker}
    if trial.status != TrialStatus.COMPLETED:
        return {**row, "reason": (reason.strip().splitlines() or [""])[-1]}
    named = (*COST_COLUMNS, "deviation", "seconds", "epochs")
    figures = {name: trial.metrics.get_best_value(name) for name in named if trial.metrics.exists(name)}
    return {**row, "score": trial.score, **figures, "seconds": round(figures["seconds"], 3)}
