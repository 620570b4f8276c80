"""Draws reliability diagrams."""

import pandas as pd
from matplotlib.figure import Figure

from kerasinst.reporting.plots.layout import single, without_frame


def reliability_diagram(bins: pd.DataFrame) -> Figure:
    """Draws a reliability diagram, which shows accuracy over confidence. Bars of more clips are more opaque.

    Args:
        bins: table of bins, as `evaluation.reliability` gives it.
    """
    figure, axes = single(3.6, 3.4)
    axes.plot([0, 1], [0, 1], "--", color="C7", linewidth=1)
    for row in bins.itertuples():
        share = 0.25 + 0.75 * row.n / bins.n.max()
        axes.bar(row.low, row.accuracy, row.high - row.low, align="edge", color="C0", alpha=share, edgecolor="white")
    axes.plot(bins.confidence, bins.accuracy, ".", color="black", markersize=4)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("score of what was named")
    axes.set_ylabel("share that was right")
    without_frame(axes)
    return figure
