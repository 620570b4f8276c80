"""Figures of explanations: heatmaps over pictures, what they have in common, and how faithful they are."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.features import draw_panel, ticks
from kerasinst.reporting.plots.layout import panels, without_frame

if TYPE_CHECKING:
    from kerasinst.features.visualization import Panel


def clip(panel: "Panel", heatmap: np.ndarray) -> Figure:
    """A picture, and beside it the same with the heatmap over it."""
    figure, (plain, hot) = panels(2, (4, 3), sharex=True, sharey=True, layout="constrained")
    draw_panel(plain, replace(panel, title="what the network sees"))
    _overlay(hot, replace(panel, title="what counts for the true label"), heatmap)
    figure.suptitle(typography.shown(panel.title), fontsize=10)
    return figure


def labels(found: Iterable[tuple["Panel", np.ndarray]]) -> Figure:
    """The mean picture of each label, with its mean heatmap over it."""
    found = list(found)
    figure, places = panels(len(found), (3, 2.4), layout="constrained")
    for axes, each in zip(places, found, strict=True):
        _overlay(axes, *each)
    return figure


def _overlay(axes: Axes, panel: "Panel", heatmap: np.ndarray) -> None:
    """A grey picture under a heatmap that is the more opaque the hotter it is."""
    draw_panel(axes, panel, cmap="gray")
    image = axes.get_images()[0]
    axes.imshow(
        heatmap.T, origin="lower", aspect="auto", extent=image.get_extent(), cmap="inferno", alpha=0.75 * heatmap.T,
        vmin=0, vmax=1, interpolation="bilinear",
    )  # fmt: skip


def profiles(found: Mapping[str, tuple[np.ndarray, np.ndarray]], panel: "Panel") -> Figure:
    """Shares of heat over bands and over moments, one line a label."""
    figure, (bands, moments) = panels(2, (4.5, 3.2), layout="constrained")
    lines = []
    for index, (of_bins, of_frames) in enumerate(found.values()):
        style = dict(linewidth=1.2, **typography.line(index))
        lines += bands.plot(100 * of_bins, **style)
        moments.plot(panel.start + panel.seconds * (0.5 + np.arange(len(of_frames))), 100 * of_frames, **style)
    bands.set_xticks(*ticks(panel))
    bands.set_xlabel(panel.unit)
    bands.set_ylabel("% of the heat")
    moments.set_xlabel("s")
    for axes in (bands, moments):
        axes.set_ylim(bottom=0)
        without_frame(axes)
        axes.tick_params(labelsize=8)
    typography.legend(figure, lines, labels=found, loc="outside right center", fontsize=8, frameon=False)
    return figure


def products(found: Mapping[str, np.ndarray]) -> Figure:
    """Inner products of the columns of each label's heatmap."""
    figure, places = panels(len(found), (2.4, 2.5), most=5, layout="constrained")
    for axes, (label, matrix) in zip(places, found.items(), strict=True):
        axes.imshow(matrix, origin="lower", cmap="magma")
        axes.set_title(typography.shown(label), fontsize=9)
        axes.set_xlabel("coefficient", fontsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.tick_params(labelsize=7)
    return figure


def faithfulness(told: Mapping[str, Any]) -> Figure:
    """Scores while the hottest places are deleted or inserted, beside random masks."""
    figure, places = panels(2, (3.5, 3), sharey=True, layout="constrained")
    for axes, what in zip(places, ("deletion", "insertion"), strict=True):
        for name, style in (("heatmaps", "C3-"), ("random", "C7--")):
            curve = told[name][f"{what}_curve"]
            label = f"{'Grad-CAM' if name == 'heatmaps' else 'random masks'}: mean {told[name][what]:.2f}"
            axes.plot(np.linspace(0, 100, len(curve)), curve, style, label=label)
        axes.set_xlabel(f"% of the picture {'deleted' if what == 'deletion' else 'inserted'}")
        without_frame(axes)
        axes.set_ylim(0, 1)
        axes.legend(fontsize=8, frameon=False)
    figure.axes[0].set_ylabel("score of the true label")
    return figure
