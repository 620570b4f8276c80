"""Draws how much a model of several labels finds at which number of false reports, and what is reported for what."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.confusion import confusion_matrix
from kerasinst.reporting.plots.layout import single, without_frame

MARKERS = "os^vD<>pP*X"
"""Markers of rules."""


def operating_points(curve: pd.DataFrame, *, rules: pd.DataFrame | None, own: tuple[float, float], each: str) -> Figure:
    """Draws the share of the sounding labels that is found over the false reports.

    Args:
        curve: columns found and false over all thresholds, as operating_curve.csv holds them.
        rules: columns rule, found and false of several decisions, as decision_rules.csv holds them; None draws none.
        own: found and false of the model's own decision.
        each: what is counted, "frame" or "clip".
    """
    figure, axes = single(6.6 if rules is not None else 4.6, 3.6)
    line = axes.plot(curve.false, curve.found, color="C0")[0]
    drawn, names = [line], ["any threshold for all"]
    shown = rules if rules is not None else curve.head(0).assign(rule="")
    for number, row in enumerate(shown.itertuples()):
        style: dict[str, Any] = {"color": f"C{(number + 1) % 10}", "marker": MARKERS[number % len(MARKERS)]}
        drawn += axes.plot([row.false], [row.found], markersize=5, alpha=0.8, linestyle="none", **style)
        names.append(str(row.rule))
    found, false = own
    drawn += axes.plot([false], [found], "o", color="black", markersize=9, fillstyle="none")
    names.append("the model's decision")
    _limits(axes, [*curve.false[curve.found < 0.995], *shown.false, false])
    axes.set_xlabel(f"labels reported falsely in a {each}")
    axes.set_ylabel("share of sounding labels found")
    without_frame(axes)
    typography.legend(figure, drawn, labels=names, fontsize=7, frameon=False, loc="outside right upper")
    return figure


class Point(NamedTuple):
    """A published operating point.

    Attributes:
        name: what it is called.
        found: share of the sounding labels that is found.
        false: labels reported falsely in a frame.
    """

    name: str
    found: float
    false: float


def operating_curves(curves: Mapping[str, pd.DataFrame], *, points: Sequence[Point] = ()) -> Figure:
    """Draws the share of the sounding labels that is found over the false reports, a line for each model.

    Args:
        curves: columns found and false over all thresholds, by the names of models.
        points: published figures, which are drawn as crosses.
    """
    figure, axes = single(5.0, 3.8)
    drawn = [axes.plot(curve.false, curve.found)[0] for curve in curves.values()]
    drawn += [axes.plot([point.false], [point.found], "x", color="black", markersize=8)[0] for point in points]
    _limits(axes, [point.false * 1.4 for point in points] or [curve.false.max() for curve in curves.values()])
    axes.set_xlabel("labels reported falsely in a frame")
    axes.set_ylabel("share of sounding labels found")
    without_frame(axes)
    names = [*curves, *(point.name for point in points)]
    typography.legend(axes, drawn, labels=names, fontsize=7, frameon=False, loc="lower right")
    return figure


def _limits(axes: Axes, false: Sequence[float]) -> None:
    """Shows all that is of interest: the curve up to where nearly everything is found, and all points."""
    axes.set_xlim(0, max(0.05, 1.08 * max(false)))
    axes.set_ylim(0, 1.03)


def missed_for(matrix: Sequence[Sequence[int]], labels: Sequence[str], *, each: str) -> Figure:
    """Draws which labels are reported falsely where others are missed.

    Args:
        matrix: numbers of frames or clips; rows are missed labels, columns are those that are reported.
        labels: labels in the order of rows and columns.
        each: what is counted, "frame" or "clip".
    """
    figure = confusion_matrix(matrix, labels)
    figure.axes[0].set_xlabel(f"reported falsely in the same {each}")
    figure.axes[0].set_ylabel("missed")
    return figure
