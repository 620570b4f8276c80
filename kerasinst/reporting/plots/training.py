"""Draws training curves: training dashed, validation solid, one colour for each seed."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasinst.reporting.plots.layout import panels, without_frame


def training_curves(history: pd.DataFrame) -> Figure:
    """Draws accuracy and loss over epochs.

    Args:
        history: one row per epoch of each seed, as history.csv holds them.
    """
    figure, places = panels(2, (4, 3), layout="constrained")
    for axes, name in zip(places, ("accuracy", "loss"), strict=True):
        for index, (seed, rows) in enumerate(history.groupby("seed")):
            axes.plot(rows.epoch, rows[name], "--", color=f"C{index}", alpha=0.6, label=f"training, seed {seed}")
            if f"val_{name}" in rows:
                axes.plot(rows.epoch, rows[f"val_{name}"], color=f"C{index}", label=f"validation, seed {seed}")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        without_frame(axes)
    axes.legend(fontsize=7, frameon=False)
    return figure


def training_curves_of_runs(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Draws the accuracy of several runs over epochs, one panel per run.

    Args:
        histories: history of each run by the run's name; each has one row per epoch of each seed.
    """
    figure, places = panels(len(histories), (2.6, 2.1), sharey=True)
    for axes, (key, history) in zip(places, histories.items(), strict=True):
        for index, (_, rows) in enumerate(history.groupby("seed")):
            style: dict[str, Any] = dict(color=f"C{index}", marker="o" if len(rows) == 1 else None, markersize=4)
            axes.plot(rows.epoch, rows.accuracy, "--", alpha=0.6, **style)
            if "val_accuracy" in rows:
                axes.plot(rows.epoch, rows.val_accuracy, **style)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(2, history.epoch.max() * 1.03))
        axes.set_title(key, fontsize=9, parse_math=False)
        axes.set_xlabel("epoch", fontsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.tick_params(labelsize=7)
        without_frame(axes)
    return figure
