"""Lays out figures."""

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def panels(
    count: int,
    size: tuple[float, float],
    *,
    most: int = 4,
    sharex: bool = False,
    sharey: bool = False,
    layout: Literal["tight", "constrained"] = "tight",
) -> tuple[Figure, list[Axes]]:
    """Makes a figure with several axes in rows.

    Args:
        count: number of axes.
        size: width and height of each axes, in inches.
        most: largest number of axes in a row.
        sharex: whether all axes have the same horizontal limits.
        sharey: whether all axes have the same vertical limits.
        layout: name of matplotlib's layout engine that places the axes.

    Returns:
        The figure and its axes, row by row.
    """
    width, height = size
    columns = min(most, max(1, count))
    rows = max(1, -(-count // columns))
    figure = Figure(figsize=(width * columns, height * rows), layout=layout)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey).ravel()
    for spare in axes[count:]:
        spare.set_axis_off()
    return figure, list(axes[:count])


def single(width: float, height: float) -> tuple[Figure, Axes]:
    """Makes a figure with one axes.

    Args:
        width: width of the figure, in inches.
        height: height of the figure, in inches.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def without_frame(axes: Axes) -> None:
    """Hides the frame of axes at the top and on the right.

    Args:
        axes: axes whose frame is hidden.
    """
    axes.spines[["top", "right"]].set_visible(False)


def draw_front(
    axes: Axes, table: pd.DataFrame, *, cost: str, score: str = "accuracy", lower_is_better: bool = False
) -> pd.DataFrame:
    """Joins the models that are better than all cheaper ones by a line.

    Args:
        axes: axes of the score over the cost.
        table: models with the columns `score` and `cost`.
        cost: name of the cost.
        score: name of the score.
        lower_is_better: whether a lower score is better.

    Returns:
        The rows of these models, the cheapest first.
    """
    rows = table.sort_values([cost, score], ascending=[True, lower_is_better])
    better = -rows[score] if lower_is_better else rows[score]
    front = rows[better > better.cummax().shift(fill_value=-float("inf"))]
    axes.plot(front[cost], front[score], color="C3", linewidth=0.9, alpha=0.7)
    return front
