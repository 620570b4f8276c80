"""Draws explanations: heatmaps over features, their means and profiles, and how faithful they are."""

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
    """Draws the features of a segment, and beside them the same features under a heatmap.

    Args:
        panel: features of the segment, with what their axes stand for.
        heatmap: heatmap of shape `(frames, bins)`, from 0 to 1.
    """
    figure, (plain, hot) = panels(2, (4, 3), sharex=True, sharey=True, layout="constrained")
    draw_panel(plain, replace(panel, title="what the network sees"))
    _overlay(hot, replace(panel, title="what counts for the true label"), heatmap)
    figure.suptitle(typography.shown(panel.title), fontsize=10)
    return figure


def labels(found: Iterable[tuple["Panel", np.ndarray]]) -> Figure:
    """Draws the mean features of each label under the label's mean heatmap.

    Args:
        found: for each label, a panel of its mean features and its mean heatmap of shape `(frames, bins)`.
    """
    found = list(found)
    figure, places = panels(len(found), (3, 2.4), layout="constrained")
    for axes, each in zip(places, found, strict=True):
        _overlay(axes, *each)
    return figure


def _overlay(axes: Axes, panel: "Panel", heatmap: np.ndarray) -> None:
    """Draws features in grey under a heatmap whose hotter places are more opaque."""
    draw_panel(axes, panel, cmap="gray")
    image = axes.get_images()[0]
    axes.imshow(
        heatmap.T, origin="lower", aspect="auto", extent=image.get_extent(), cmap="inferno", alpha=0.75 * heatmap.T,
        vmin=0, vmax=1, interpolation="bilinear",
    )  # fmt: skip


def profiles(found: Mapping[str, tuple[np.ndarray, np.ndarray]], panel: "Panel") -> Figure:
    """Draws the shares of heat over bins and over time, one line per label.

    Args:
        found: for each label, the shares of bins and of frames, as `explanation.profiles` gives them.
        panel: panel of features with the same axes as the heatmaps.
    """
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
    """Draws the inner products of the columns of each label's heatmap.

    Args:
        found: matrix of each label, shape `(bins, bins)`, as `explanation.column_products` gives it.
    """
    figure, places = panels(len(found), (2.4, 2.5), most=5, layout="constrained")
    for axes, (label, matrix) in zip(places, found.items(), strict=True):
        axes.imshow(matrix, origin="lower", cmap="magma")
        axes.set_title(typography.shown(label), fontsize=9)
        axes.set_xlabel("coefficient", fontsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.tick_params(labelsize=7)
    return figure


def faithfulness(curves: Mapping[str, Any]) -> Figure:
    """Draws the score of the true label while the hottest places of the features are deleted or inserted.

    Args:
        curves: curves and means of the heatmaps and of random masks, as explanation.json holds them under faithfulness.
    """
    figure, places = panels(2, (3.5, 3), sharey=True, layout="constrained")
    for axes, what in zip(places, ("deletion", "insertion"), strict=True):
        for name, style in (("heatmaps", "C3-"), ("random", "C7--")):
            curve = curves[name][f"{what}_curve"]
            label = f"{'Grad-CAM' if name == 'heatmaps' else 'random masks'}: mean {curves[name][what]:.2f}"
            axes.plot(np.linspace(0, 100, len(curve)), curve, style, label=label)
        axes.set_xlabel(f"% of the features {'deleted' if what == 'deletion' else 'inserted'}")
        without_frame(axes)
        axes.set_ylim(0, 1)
        axes.legend(fontsize=8, frameon=False)
    figure.axes[0].set_ylabel("score of the true label")
    return figure
