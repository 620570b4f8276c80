"""Draws the figure by which models are compared over their costs."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from kerasinst import evaluation
from kerasinst.evaluation.cost_names import COSTS
from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.plots.layout import draw_front, panels, without_frame

DRAWN_COSTS = ("bytes", "milliseconds")
"""Costs on the horizontal axes."""
COLOURS = {"network": "C0", "classical": "C7", "compressed": "C1"}
"""Colour of each kind of model."""
APART = 0.05
"""Smallest difference in height at which the names of two models do not overlap."""


def models_over_costs(comparison: Comparison) -> Figure | None:
    """Draws the accuracy of models, or mAP if there are several labels, over their bytes and over their milliseconds.

    In each panel, a line joins the models that are better than all cheaper ones.

    Args:
        comparison: comparison whose models that were tested on the same clips are drawn.

    Returns:
        The figure, or None if there are fewer than two such models or none of their costs is known.
    """
    table = comparison.table[comparison.table.compared]
    score = evaluation.headline_figure(table)
    names = [name for name in DRAWN_COSTS if pd.to_numeric(table[name]).gt(0).any()]
    if not names or len(table) < 2:
        return None
    figure, places = panels(len(names), (5.0, 3.6))
    for axes, name in zip(places, names, strict=True):
        known = table[pd.to_numeric(table[name]).gt(0)]
        for kind, rows in known.groupby("kind"):
            axes.errorbar(
                rows[name].to_numpy(float),
                rows[score].to_numpy(),
                yerr=np.abs(rows[[f"{score}_low", f"{score}_high"]].to_numpy().T - rows[score].to_numpy()),
                fmt="o", color=COLOURS[kind], ecolor="#cccccc", elinewidth=0.7, markersize=5, label=kind,
            )  # fmt: skip
        front = draw_front(axes, known, cost=name, score=score)
        written: list[float] = []
        for row in front.iloc[::-1].itertuples():  # the best first; names that would overlap are left out
            value = getattr(row, score)
            if all(abs(value - other) > APART for other in written):
                style: dict[str, Any] = dict(
                    fontsize=7, bbox=dict(boxstyle="square,pad=0.1", color="white", alpha=0.8), parse_math=False
                )
                place = (getattr(row, name), value)
                axes.annotate(row.model, place, xytext=(-5, 4), textcoords="offset points", ha="right", **style)
                written.append(value)
        axes.set_xscale("log")
        axes.set_xlim(known[name].min() / 15, known[name].max() * 3)
        axes.set_ylim(-0.02, 1.08)
        axes.xaxis.set_major_formatter(EngFormatter(sep="") if name == "bytes" else "{x:g}")
        axes.tick_params(labelsize=8)
        axes.set_xlabel(COSTS[name])
        axes.set_ylabel("accuracy of clips" if score == "accuracy" else score.replace("_", " "))
        without_frame(axes)
        axes.legend(fontsize=7, frameon=False, loc="lower right")
    return figure
