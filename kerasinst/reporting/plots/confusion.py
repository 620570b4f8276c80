"""Draws confusion matrices. Numbers are clips, and colours are shares of all clips with the true label of the row."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import panels, single
from kerasinst.reporting.run_data import ModelResult

WIDTH = 10.5
"""Width of a page, in inches."""


def confusion_matrix(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> Figure:
    """Draws the confusion matrix of one model.

    Args:
        matrix: numbers of clips; rows are true labels, columns are predicted labels.
        labels: labels in the order of rows and columns.
    """
    size = 1.8 + max(0.52, 0.17 * typography.lines(labels)) * len(labels)
    figure, axes = single(size + 0.4, size)
    _draw(axes, matrix, labels=labels, fontsize=8)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return figure


def confusion_matrices(results: Sequence[ModelResult]) -> Figure:
    """Draws the confusion matrices of several models, one panel each.

    Args:
        results: results of at least one model of a single-label task.
    """
    size = 1.5 + max(max(0.3, 0.12 * typography.lines(each.labels)) * len(each.labels) for each in results)
    figure, places = panels(len(results), (size + 0.3, size), most=max(1, int(WIDTH / size)))
    for axes, result in zip(places, results, strict=True):
        _draw(axes, result.metrics["clip"]["confusion"], labels=result.labels, fontsize=7)
        axes.tick_params(labelsize=7)
        axes.set_title(_titled(result, results), fontsize=9, parse_math=False)
    figure.supxlabel("predicted", fontsize=8)
    figure.supylabel("true", fontsize=8)
    return figure


def _draw(axes: Axes, matrix: Sequence[Sequence[int]], *, labels: Sequence[str], fontsize: int) -> None:
    """Draws a confusion matrix into axes."""
    counts = np.array(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.argwhere(counts):
        colour = "white" if shares[row, column] > 0.55 else "black"
        number = str(counts[row, column])
        axes.text(column, row, number, ha="center", va="center", color=colour, fontsize=fontsize)
    named = list(map(typography.shown, labels))
    axes.set_xticks(range(len(labels)), named, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), named)


def _titled(result: ModelResult, others: Sequence[ModelResult]) -> str:
    """Returns the title of a panel: the model's name, with its run if another model has the same name."""
    same = [other for other in others if (other.name, other.leaky) == (result.name, result.leaky)]
    return result.name + ", leaky" * result.leaky + f", {result.run_data.key}" * (len(same) > 1)
