"""Draws the scores of trials over what their networks cost."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from kerasinst.evaluation.cost_names import COSTS
from kerasinst.evaluation.figures import sign
from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import draw_front, panels, without_frame
from kerasinst.reporting.trials import marked, numbers, with_score

DRAWN_COSTS = (("tflite_bytes", "parameters"), ("milliseconds", "multiply_adds"))
"""Costs on the horizontal axes, each with the one that takes its place where it is blank."""
NAMES = {"tflite_bytes": "bytes of the .tflite file", "multiply_adds": "multiply-adds a segment", **COSTS}
"""Descriptions of costs, by their columns."""


def scores_over_costs(
    leaderboard: pd.DataFrame, *, objective: str = "score", as_written: str | None = None
) -> Figure | None:
    """Draws the scores of trials over their bytes and over their milliseconds.

    Filled trials are on the Pareto front: no other is better in one respect and as good in the others. In each panel, a
    line joins those that are better than all cheaper ones. Trials that are not told apart from the best have a colour
    of their own. Where bytes are blank, parameters take their place; where milliseconds are, multiply-adds do.

    Args:
        leaderboard: trials as leaderboard.csv holds them, the best first.
        objective: name of the score, which tells whether a lower one is better.
        as_written: id of the trial of the experiment as it is written, which is marked by a cross, or None.

    Returns:
        The figure, or None if no trial with a score has a known cost.
    """
    trials = with_score(leaderboard)
    costs = {name: numbers(trials, name) for names in DRAWN_COSTS for name in names}
    known = [next((name for name in names if costs[name].gt(0).any()), "") for names in DRAWN_COSTS]
    drawn = [name for name in known if name]
    if not drawn:
        return None
    figure, places = panels(len(drawn), (4.6, 3.4), sharey=True, layout="constrained")
    handles: dict[str, Any] = {}
    for axes, name in zip(places, drawn, strict=True):
        shown = trials.assign(**{name: costs[name]})[costs[name].gt(0)]
        handles |= _draw(axes, shown, cost=name, objective=objective, as_written=as_written, best=trials.index[0])
    places[0].set_ylabel(typography.shown(objective))
    typography.legend(
        figure, list(handles.values()), labels=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False
    )
    return figure


def _draw(
    axes: Axes, trials: pd.DataFrame, *, cost: str, objective: str, as_written: str | None, best: int
) -> dict[str, Any]:
    """Draws one panel, of which `best` is the index of the best trial, and returns what a legend explains."""
    front = draw_front(axes, trials, cost=cost, score="score", lower_is_better=sign(objective) < 0)
    on_front = marked(trials, "pareto") | trials.index.isin(front.index)
    near = marked(trials, "within_noise") & (trials.index != best)
    deviations = numbers(trials, "deviation")
    if deviations.gt(0).any():
        axes.errorbar(trials[cost], trials.score, yerr=deviations, fmt="none", ecolor="#cccccc", elinewidth=0.7)
    colours = near.map({False: "C0", True: "C1"})
    style: dict[str, Any] = dict(s=26, linewidths=0.9, zorder=2)
    axes.scatter(trials[cost], trials.score, facecolors=colours.where(on_front, "none"), edgecolors=colours, **style)
    handles: dict[str, Any] = {"trial": axes.scatter([], [], facecolors="none", edgecolors="C0", **style)}
    handles["on the Pareto front"] = axes.scatter([], [], color="C0", **style)
    if near.any():
        handles["not told apart from the best"] = axes.scatter([], [], facecolors="none", edgecolors="C1", **style)
    first = trials[trials.trial_id.astype(str) == as_written]
    if len(first):
        handles["as written"] = axes.scatter(first[cost], first.score, marker="x", color="C7", zorder=5)
    star = trials[trials.index == best]  # its cost may be blank
    if len(star):
        text = f"best: trial {star.trial_id.iloc[0]}"
        handles[text] = axes.scatter(star[cost], star.score, marker="*", s=150, color="C3", zorder=4)
    axes.set_xscale("log")
    axes.set_xlim(trials[cost].min() / 1.5, trials[cost].max() * 1.5)  # room even if costs are nearly the same
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}" if cost == "milliseconds" else EngFormatter(sep=""))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(NAMES[cost])
    axes.margins(y=0.1)
    axes.tick_params(labelsize=8)
    without_frame(axes)
    return handles
