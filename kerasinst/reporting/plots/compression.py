"""Draws the costs of compressed variants, and where pruning broke a network."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from kerasinst.evaluation import headline_figure
from kerasinst.evaluation.cost_names import COSTS
from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import draw_front, panels, single, without_frame

DRAWN_COSTS = ("bytes", "milliseconds")
"""Costs on the horizontal axes."""
MARKERS = "osD^v"
"""Markers of variants; each is used with ten colours."""


def variants_over_costs(table: pd.DataFrame) -> Figure | None:
    """Draws the accuracy of variants, or mAP if there are several labels, over their bytes and over their milliseconds.

    In each panel, a solid line joins the variants that are better than all cheaper ones. A dashed line shows the
    network as it was trained.

    Args:
        table: one row per variant, as compression.csv holds them.

    Returns:
        The figure, or None if the table has no accuracies since there is no test split.
    """
    if "accuracy" not in table:
        return None
    score = headline_figure(table)
    figure, places = panels(2, (5.25, 3.8), sharey=True, layout="constrained")
    for axes, name in zip(places, DRAWN_COSTS, strict=True):
        drawn = []
        for number, row in enumerate(table.itertuples()):
            value = getattr(row, score)
            bars = axes.errorbar(
                getattr(row, name),
                value,
                yerr=[[value - getattr(row, f"{score}_low")], [getattr(row, f"{score}_high") - value]],
                fmt=MARKERS[number // 10 % len(MARKERS)], color=f"C{number % 10}", ecolor="#cccccc", elinewidth=0.7,
                markersize=6, alpha=0.8,
            )  # fmt: skip
            drawn.append(bars)
        axes.axhline(float((table[score] + table[f"{score}_drop"]).iloc[0]), color="C0", linewidth=0.8, linestyle="--")
        draw_front(axes, table, cost=name, score=score)
        axes.set_xscale("log")
        axes.set_xlim(table[name].min() / 1.5, table[name].max() * 1.5)  # room even if costs are nearly the same
        axes.margins(y=0.15)
        axes.set_xlabel(COSTS[name])
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(EngFormatter(sep="") if name == "bytes" else "{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(labelsize=8)
        without_frame(axes)
    figure.axes[0].set_ylabel("accuracy of test clips" if score == "accuracy" else score.replace("_", " "))
    typography.legend(figure, drawn, labels=table.variant, fontsize=7, frameon=False, loc="outside right upper")
    return figure


def pruning_curves(curves: dict[str, list[dict[str, float]]]) -> Figure:
    """Draws the validation accuracy of variants over their sparsity while they were pruned, one line per variant.

    Args:
        curves: sparsities and validation accuracies of each variant, as `pruning_histories` gives them.
    """
    figure, axes = single(5.5, 3.4)
    lines = [
        axes.plot([row["sparsity"] for row in curve], [row["validation_accuracy"] for row in curve], "o-")[0]
        for curve in curves.values()
    ]
    axes.set_xlabel("share of weights that are zero")
    axes.set_ylabel("accuracy of validation segments")
    axes.set_ylim(-0.02, 1.02)
    typography.legend(axes, lines, labels=curves, fontsize=7, frameon=False)
    without_frame(axes)
    return figure
