"""Computes figures of a multi-label classifier from a table of predictions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from kerasinst.evaluation.calibration import expected_calibration_error
from kerasinst.evaluation.intervals import bootstrap_accuracy, bootstrap_average_precision, bootstrap_ratio
from kerasinst.evaluation.predictions import by_label, correct, judged, reported, truth

MOST = 3
"""Number of labels at once from which rows are counted together in figures by polyphony."""


def measure_multilabel(table: pd.DataFrame, labels: list[str], *, seed: int = 0) -> dict[str, Any]:
    """Computes the figures of one table whose rows have any number of labels.

    Labels are reported as the model decides, which the column `reported` says. Accuracy is the share of rows in which
    every label is right (subset accuracy). Macro figures are means over the labels that occur. Labels that nobody
    judged count in no figure.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
        seed: seed of the bootstrap.

    Returns:
        The figures that `measure` gives, without the confusion matrix, and recall_playing (share of the true labels
        that are reported), false_positives_per_frame (mean number of falsely reported labels per row),
        label_ranking_average_precision, polyphony (mean number of labels per row), the intervals of recall_playing,
        false_positives_per_frame and mean_average_precision, by_polyphony (figures of rows with 0, 1, 2 and at least
        `MOST` labels), and missed_for (how often each label was reported falsely where another one was missed).

    Example:
        >>> measure_multilabel(run.predictions(), ["cello", "flute"])["recall_playing"]
        0.76
    """
    true, known = truth(table, labels), judged(table, labels)
    scores, groups = table[labels].to_numpy(), table.group.to_numpy()
    named = reported(table, labels, task="multi-label") & known
    true = true & known
    hits, false, n = (each.sum(axis=0) for each in (true & named, named & ~true, true))
    precision, recall = hits / np.maximum(1, hits + false), hits / np.maximum(1, n)
    f1 = 2 * hits / np.maximum(1, n + hits + false)
    occurs = n > 0
    right = correct(table, labels, task="multi-label")
    figures = {
        "accuracy": right.mean(),
        "macro_precision": precision[occurs].mean() if occurs.any() else 0.0,
        "macro_recall": recall[occurs].mean() if occurs.any() else 0.0,
        "macro_f1": f1[occurs].mean() if occurs.any() else 0.0,
        "micro_f1": 2 * hits.sum() / max(1, (n + hits + false).sum()),
        "mean_average_precision": mean_average_precision(true, scores=scores, known=known),
        "ece": _calibration_error(true, scores, known),
        "recall_playing": hits.sum() / max(1, n.sum()),
        "false_positives_per_frame": false.sum() / len(table),
        "label_ranking_average_precision": label_ranking_average_precision_score(true, np.where(known, scores, -1)),
        "polyphony": n.sum() / len(table),
    }
    per_row = np.stack([(true & named).sum(axis=1), true.sum(axis=1), (named & ~true).sum(axis=1)])
    intervals = {
        "accuracy": bootstrap_accuracy(right, groups, seed=seed),
        "recall_playing": bootstrap_ratio(per_row[0], per_row[1], groups=groups, seed=seed),
        "false_positives_per_frame": bootstrap_ratio(per_row[2], np.ones(len(table)), groups=groups, seed=seed),
        "mean_average_precision": bootstrap_average_precision(
            true, scores=scores, known=known, groups=groups, seed=seed
        ),
    }
    return {
        **{name: round(float(value), 6) for name, value in figures.items()},
        **{f"{name}_ci95": [round(end, 6) for end in interval] for name, interval in intervals.items()},
        "per_label": by_label(labels, precision, recall=recall, f1=f1, n=n),
        "by_polyphony": _by_polyphony(*per_row),
        "missed_for": _missed_for(true, named),
    }


def multilabel_row(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Selects the figures that tables of models with several labels show besides those of `metrics_row`.

    Args:
        metrics: figures as metrics.json holds them.

    Returns:
        recall_playing, false_positives_per_frame and mean_average_precision with the ends of its interval, of frames if
        they are labelled, and of clips otherwise; nothing for a single label.
    """
    figures = metrics.get("frame", metrics["clip"])
    if "mean_average_precision_ci95" not in figures:  # earlier versions had none
        return {}
    low, high = figures["mean_average_precision_ci95"]
    named = {name: figures[name] for name in ("recall_playing", "false_positives_per_frame", "mean_average_precision")}
    return {**named, "mean_average_precision_low": low, "mean_average_precision_high": high}


def headline_figure(table: pd.DataFrame) -> str:
    """Names the column by which models are ordered and drawn.

    Args:
        table: one row per model.

    Returns:
        "mean_average_precision" if the table has it, which is so for several labels, and "accuracy" otherwise.
    """
    return "mean_average_precision" if "mean_average_precision" in table else "accuracy"


def mean_average_precision(true: np.ndarray, *, scores: np.ndarray, known: np.ndarray) -> float:
    """Computes the mean over labels of the average precision of the rows in which each label was judged.

    Args:
        true: which labels each row has, `(rows, labels)`.
        scores: scores of shape `(rows, labels)`.
        known: which labels of each row were judged, `(rows, labels)`.

    Returns:
        The mean over the labels that occur; 0 if none does.
    """
    of_labels = average_precisions(true, scores=scores, known=known)
    return float(np.nanmean(of_labels)) if not np.isnan(of_labels).all() else 0.0


def average_precisions(true: np.ndarray, *, scores: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Computes the average precision of each label over the rows in which it was judged.

    Args:
        true: which labels each row has, `(rows, labels)`.
        scores: scores of shape `(rows, labels)`.
        known: which labels of each row were judged, `(rows, labels)`.

    Returns:
        Numbers of shape `(labels,)`; NaN for labels that do not occur.
    """
    found = np.full(true.shape[1], np.nan)
    for k in np.flatnonzero((true & known).any(axis=0)):
        found[k] = average_precision_score(true[known[:, k], k], scores[known[:, k], k])
    return found


def _calibration_error(true: np.ndarray, scores: np.ndarray, known: np.ndarray) -> float:
    """Computes the calibration error of all labels that were judged; 0 if none was."""
    if not known.any():
        return 0.0
    return expected_calibration_error(np.maximum(scores, 1 - scores)[known], (true == (scores >= 0.5))[known])


def _by_polyphony(found: np.ndarray, playing: np.ndarray, false: np.ndarray) -> dict[str, dict[str, float]]:
    """Computes figures of the rows with equally many labels, from the numbers of found, true and false ones."""
    figures = {}
    for count in range(MOST + 1):
        rows = playing >= count if count == MOST else playing == count
        if rows.any():
            recall = {"recall_playing": round(float(found[rows].sum() / playing[rows].sum()), 6)} if count else {}
            figures[f"{count}+" if count == MOST else str(count)] = {
                "n": int(rows.sum()), **recall, "false_positives_per_frame": round(float(false[rows].mean()), 6),
            }  # fmt: skip
    return figures


def _missed_for(true: np.ndarray, named: np.ndarray) -> list[list[int]]:
    """Counts in how many rows a label (row) was missed while another (column) was reported falsely."""
    missed, false = true & ~named, named & ~true
    return (missed.T.astype(int) @ false.astype(int)).tolist()
