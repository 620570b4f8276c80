"""How figures are laid out: panels in rows, without frames."""

from typing import Literal

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
    """A figure with several axes, a few in a row.

    Args:
        count: number of axes.
        size: width and height of each, in inches.
        most: axes in a row, at most.
        sharex: whether all have the same horizontal axis.
        sharey: whether all have the same vertical axis.
        layout: engine of matplotlib that places them.
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
    """A figure with one pair of axes; sizes are in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def without_frame(axes: Axes) -> None:
    """Hides the lines above and beside the axes."""
    axes.spines[["top", "right"]].set_visible(False)
