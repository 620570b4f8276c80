"""Says whether the best trial of a search is told apart from others."""

import pandas as pd

from kerasinst.evaluation.significance import ALPHA
from kerasinst.reporting.trials import marked, numbers, with_score
from kerasinst.runs.artifacts import BASELINE


def noise(leaderboard: pd.DataFrame, as_written: str | None) -> str:
    """Says whether the best trial is told apart from the runner-up, the experiment as written and classical models.

    Args:
        leaderboard: trials as leaderboard.csv holds them, the best first.
        as_written: id of the trial of the experiment as it is written, or None.

    Returns:
        Sentences, or an empty text if trials were not compared.
    """
    trials = with_score(leaderboard)
    p_values = numbers(trials, "p_value")
    if len(trials) < 2 or p_values.isna().all():
        return ""
    compared = {}
    runner_up = trials.index[1]
    compared[f"the runner-up, trial {trials.trial_id[runner_up]}"] = p_values[runner_up]
    first = trials.index[trials.trial_id.astype(str) == (as_written or "")]
    if len(first) and first[0] not in (trials.index[0], runner_up):
        compared["the experiment as it is written"] = p_values[first[0]]
    classical = leaderboard[leaderboard.status == BASELINE]
    if len(classical):
        best = classical.iloc[0]
        compared[f"the best classical model, {best.trial_id} with {best.score:.3f}"] = best.p_value
    shown = {name: f"{name} ({_p(p_value)})" for name, p_value in compared.items() if pd.notna(p_value)}
    apart = [text for name, text in shown.items() if compared[name] < ALPHA]
    alike = [text for name, text in shown.items() if compared[name] >= ALPHA]
    if not shown:
        return ""
    parts = [f"tells the best trial apart from {' and '.join(apart)}"] if apart else []
    parts += [f"does not tell {'it' if apart else 'the best trial'} apart from {' and '.join(alike)}"] if alike else []
    near = int(marked(trials, "within_noise").iloc[1:].sum())
    others = "No other trial is" if not near else "1 other trial is" if near == 1 else f"{near} other trials are"
    return f"A paired test on the validation segments {', but '.join(parts)}. {others} within noise of the best."


def _p(p_value: float) -> str:
    """Formats a p-value."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
