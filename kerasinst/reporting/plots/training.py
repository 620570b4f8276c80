"""Draws training curves: training dashed, validation solid, one colour for each seed."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasinst.reporting.plots.layout import panels, without_frame

MONITORED = ("val_mean_average_precision", "val_macro_f1", "val_missed_and_false")
"""Figures of validation by which trainings may be monitored, and which are not measured on training segments."""


def training_curves(history: pd.DataFrame) -> Figure:
    """Draws accuracy, or what else the training was monitored by, and loss over epochs.

    Args:
        history: one row per epoch of each seed, as history.csv holds them.
    """
    figure, places = panels(2, (4, 3), layout="constrained")
    for axes, name in zip(places, (_shown(history), "loss"), strict=True):
        _draw(axes, history, name=name)
        axes.set_ylabel(name.replace("_", " "))
    places[-1].legend(fontsize=7, frameon=False)
    return figure


def training_curves_of_runs(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Draws the accuracy of several runs, or what else each was monitored by, over epochs, one panel per run.

    Args:
        histories: history of each run by the run's name; each has one row per epoch of each seed.
    """
    figure, places = panels(len(histories), (2.6, 2.1), sharey=True)
    for axes, (key, history) in zip(places, histories.items(), strict=True):
        _draw(axes, history, name=_shown(history))
        axes.set_ylim(0, 1.02)
        axes.set_title(key, fontsize=9, parse_math=False)
        axes.xaxis.label.set_fontsize(8)
        axes.tick_params(labelsize=7)
    return figure


def _shown(history: pd.DataFrame) -> str:
    """Names the figure that is drawn besides the loss: accuracy, or what the training was monitored by instead."""
    return next((name.removeprefix("val_") for name in MONITORED if name in history), "accuracy")


def _draw(axes: Axes, history: pd.DataFrame, *, name: str) -> None:
    """Draws one figure of the history over epochs; a single epoch is a dot."""
    for index, (seed, rows) in enumerate(history.groupby("seed")):
        style: dict[str, Any] = dict(color=f"C{index}", marker="o" if len(rows) == 1 else None, markersize=4)
        if name in rows:
            axes.plot(rows.epoch, rows[name], "--", alpha=0.6, label=f"training, seed {seed}", **style)
        if f"val_{name}" in rows:
            axes.plot(rows.epoch, rows[f"val_{name}"], label=f"validation, seed {seed}", **style)
    axes.set_xlim(0, max(2, history.epoch.max() * 1.03))
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    without_frame(axes)
