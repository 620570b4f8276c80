"""Draws the scores of a search, in the order in which trials were asked for and over the time that they took."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import panels, without_frame
from kerasinst.reporting.trials import full_length, goodness, numbers, with_score
from kerasinst.runs.artifacts import BASELINE

UNITS = (("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))
"""Units of time with their seconds, the longest first."""
AT_LEAST = 2.0
"""Smallest length of a time axis for which a unit is chosen."""


def scores(leaderboard: pd.DataFrame, *, objective: str = "score", as_written: str | None = None) -> Figure | None:
    """Draws the score of each trial in the order of asking, and the best score over the seconds of all trials so far.

    A line joins the best scores so far. Failed trials are marked at the bottom, and a dotted line is the score of the
    best classical model, if some compete.

    Args:
        leaderboard: trials as leaderboard.csv holds them, the best first.
        objective: name of the score, which tells whether a lower one is better.
        as_written: id of the trial of the experiment as it is written, which is marked by a cross, or None.

    Returns:
        The figure, or None if no trial has a score. If no times are known, it has one panel.
    """
    classical = leaderboard.score[leaderboard.status == BASELINE]
    trials = _in_order(leaderboard[leaderboard.status != BASELINE])
    sound = with_score(trials)
    if sound.empty:
        return None
    seconds = numbers(trials, "seconds").fillna(0).cumsum()
    timed = seconds.max() > 0
    figure, places = panels(1 + timed, (4.6, 3.2), sharey=True, layout="constrained")
    asked = numbers(trials, "trial_id")
    handles = _draw_trials(places[0], trials, asked, objective=objective, as_written=as_written)
    places[0].set_xlabel("trial, in the order of asking")
    places[0].set_xlim(asked.min() - 0.6, asked.max() + 0.6)
    places[0].set_ylabel(typography.shown(objective))
    places[0].xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    if timed:
        unit, length = next((each for each in UNITS if seconds.max() >= AT_LEAST * each[1]), UNITS[-1])
        handles |= _draw_trials(places[1], trials, seconds / length, objective=objective, as_written=as_written)
        places[1].set_xlabel(f"{unit} of training, over all trials so far")
        places[1].set_xlim(left=0)
    for axes in places:
        if len(classical):
            line = axes.axhline(classical.iloc[0], color="C7", linestyle=":", linewidth=1)
            handles["best classical model"] = line
        axes.tick_params(labelsize=8)
        without_frame(axes)
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles), fontsize=8, frameon=False
    )
    return figure


def _in_order(leaderboard: pd.DataFrame) -> pd.DataFrame:
    """Sorts trials by the order of asking. Ids that are no numbers are replaced by positions."""
    order = numbers(leaderboard, "trial_id")
    if order.isna().any():
        return leaderboard.assign(trial_id=range(len(leaderboard)))
    return leaderboard.iloc[np.argsort(order.to_numpy(), kind="stable")]


def _draw_trials(
    axes: Axes, trials: pd.DataFrame, places: pd.Series, *, objective: str, as_written: str | None
) -> dict[str, Any]:
    """Draws trials in the order of asking at their places, and returns what a legend explains."""
    sound = with_score(trials)
    better = goodness(sound.score, objective)
    longest = sound.index.isin(full_length(sound).index)
    deviations = numbers(sound, "deviation")
    if deviations.gt(0).any():
        axes.errorbar(places[sound.index], sound.score, yerr=deviations, fmt="none", ecolor="#cccccc", elinewidth=0.7)
    style: dict[str, Any] = dict(facecolors="none", edgecolors="C0", linewidths=0.9)
    handles: dict[str, Any] = {"trial": axes.scatter(places[sound.index][longest], sound.score[longest], s=22, **style)}
    if not longest.all():
        handles["with fewer epochs"] = axes.scatter(
            places[sound.index][~longest], sound.score[~longest], s=8, alpha=0.7, **style
        )
    so_far = sound.score[(better == better.cummax())]
    ends = [*places[so_far.index], places.max()]
    (handles["best so far"],) = axes.step(ends, [*so_far, so_far.iloc[-1]], "C3", where="post", linewidth=1)
    first = sound[sound.trial_id.astype(str) == as_written]
    if len(first):
        handles["as written"] = axes.scatter(places[first.index], first.score, marker="x", color="C7", zorder=3)
    failed = places[trials.index.difference(sound.index)]
    if len(failed):
        bottom: dict[str, Any] = dict(transform=axes.get_xaxis_transform(), clip_on=False)
        handles["failed"] = axes.scatter(failed, [0.0] * len(failed), marker="|", s=60, color="C3", **bottom)
    return handles
