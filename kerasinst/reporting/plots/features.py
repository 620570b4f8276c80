"""Draws features as pictures, with time to the right in seconds and bins upwards."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import panels as axes_grid

if TYPE_CHECKING:
    from kerasinst.features.visualization import Panel


def front_ends(waveform: np.ndarray, sample_rate: int, *, panels: Iterable["Panel"], title: str) -> Figure:
    """Draws a waveform and the features that front ends compute from it.

    Args:
        waveform: waveform of shape `(samples,)`.
        sample_rate: sample rate of the waveform, in Hz.
        panels: one panel for each channel of each front end.
        title: title of the figure.
    """
    panels = list(panels)
    figure, (first, *others) = axes_grid(len(panels) + 1, (4, 2.3), most=3, layout="constrained")
    seconds = len(waveform) / sample_rate
    first.plot(np.linspace(0, seconds, len(waveform)), waveform, linewidth=0.4)
    first.set_title("waveform", fontsize=9)
    first.set_xlim(0, seconds)
    first.set_xlabel("s", fontsize=8)
    first.tick_params(labelsize=7)
    for axes, panel in zip(others, panels, strict=True):
        draw_panel(axes, panel)
        axes.set_xlim(0, seconds)
    figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def draw_panel(axes: Axes, panel: "Panel", *, cmap: str = "magma") -> None:
    """Draws one channel of features into axes.

    Args:
        axes: axes to draw into.
        panel: the channel, with what its axes stand for. Values more than 80 below the largest get one colour, unless
            they are coefficients.
        cmap: name of a colour map of matplotlib.
    """
    frames, bins = panel.values.shape
    # Without a limit, digital silence at very low decibels would take up nearly all colours.
    loudest = panel.values.max()
    quietest = panel.values.min() if panel.unit == "coefficient" else max(panel.values.min(), loudest - 80)
    extent = (panel.start, panel.start + frames * panel.seconds, -0.5, bins - 0.5)
    axes.imshow(
        panel.values.T,
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap=cmap,
        vmin=quietest,
        vmax=max(loudest, quietest + 1e-3),  # constant values, such as silence
        interpolation="nearest",
    )
    axes.set_yticks(*ticks(panel))
    axes.set_ylabel(panel.unit, fontsize=8)
    axes.set_xlabel("s", fontsize=8)
    axes.set_title(typography.shown(panel.title), fontsize=9)
    axes.tick_params(labelsize=7)


def ticks(panel: "Panel") -> tuple[list[float], list[str]]:
    """Chooses the ticks of a panel's bins: round frequencies, the notes C, or a few numbers of coefficients.

    Args:
        panel: panel whose bins are to be marked.

    Returns:
        Places and texts of the ticks.
    """
    if panel.unit == "Hz":
        places: dict[float, str] = {}
        for hertz in (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50):
            place = float(np.interp(hertz, np.asarray(panel.bins, float), range(len(panel.bins)), left=-1, right=-1))
            if place >= 0 and all(abs(place - other) > len(panel.bins) / 12 for other in places):
                places[place] = EngFormatter(sep="")(hertz)
        return list(places), list(places.values())
    natural = [index for index, name in enumerate(panel.bins) if "#" not in str(name)]
    chosen = [index for index in natural if str(panel.bins[index]).startswith("C")]
    chosen = chosen if len(chosen) > 1 else natural[:: max(1, len(natural) // 7)]
    return [float(index) for index in chosen], [str(panel.bins[index]) for index in chosen]
