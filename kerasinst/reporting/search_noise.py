"""Says whether the best trial of a search is told apart from others."""

import pandas as pd

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
    said = []
    runner_up = trials.index[1]
    if pd.notna(p_values[runner_up]):
        said.append(f"the runner-up, trial {trials.trial_id[runner_up]} ({_verdict(p_values[runner_up])})")
    first = trials.index[trials.trial_id.astype(str) == (as_written or "")]
    if len(first) and first[0] not in (trials.index[0], runner_up) and pd.notna(p_values[first[0]]):
        said.append(f"the experiment as it is written ({_verdict(p_values[first[0]])})")
    classical = leaderboard[leaderboard.status == BASELINE]
    if len(classical) and pd.notna(classical.p_value.iloc[0]):
        best = classical.iloc[0]
        said.append(f"the best classical model, {best.trial_id} with {best.score:.3f} ({_verdict(best.p_value)})")
    if not said:
        return ""
    near = int(marked(trials, "within_noise").iloc[1:].sum())
    others = f"{near} other trial{'s are' if near > 1 else ' is'}" if near else "no other trial is"
    return (
        f"The best trial beside {', and '.join(said)}; by paired tests over the groups of the validation segments, "
        f"{others} within noise of the best."
    )


def _verdict(p_value: float) -> str:
    """Says whether two trials are told apart."""
    shown = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return f"{'told apart' if p_value < 0.05 else 'not told apart'}, {shown}"
