"""Figures of a run, as matplotlib figures that belong to no window."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator


def confusion(matrix: list[list[int]], labels: list[str]) -> Figure:
    """Confusion matrix: rows are true, columns predicted; colour is the share of the row, numbers are clips."""
    counts = np.array(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 1.8 + 0.52 * len(labels)
    figure = Figure(figsize=(size + 0.4, size), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            colour = "white" if shares[row, column] > 0.55 else "black"
            axes.text(column, row, counts[row, column], ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return figure


def training(history: pd.DataFrame) -> Figure:
    """Accuracy and loss over epochs, training dashed, validation solid, one colour a seed."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        for index, (seed, rows) in enumerate(history.groupby("seed")):
            axes.plot(rows.epoch, rows[name], "--", color=f"C{index}", alpha=0.6, label=f"training, seed {seed}")
            axes.plot(rows.epoch, rows[f"val_{name}"], color=f"C{index}", label=f"validation, seed {seed}")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=7, frameon=False)
    return figure


def search(leaderboard: pd.DataFrame) -> Figure:
    """Score over number of parameters, one point a finished trial; the best one is filled."""
    sound = leaderboard.dropna(subset=["score"])
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.scatter(sound.parameters, sound.score, facecolors="none", edgecolors="C0")
    axes.scatter(sound.parameters[:1], sound.score[:1], color="C0", label=f"best: trial {sound.trial_id.iloc[0]}")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.xaxis.set_minor_formatter(EngFormatter())
    axes.tick_params(axis="x", which="both", labelsize=8)
    axes.set_xlabel("parameters")
    axes.set_ylabel("validation score")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    return figure


def labels(audit: dict) -> Figure:
    """Clips of each label in the data set."""
    counts = {label: row["clips"] for label, row in audit["labels"].items()}
    figure = Figure(figsize=(5, 0.8 + 0.25 * len(counts)), layout="constrained")
    axes = figure.subplots()
    axes.bar_label(axes.barh(list(counts), list(counts.values()), color="C0"), padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("clips")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
