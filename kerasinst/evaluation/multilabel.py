"""Computes figures of a multi-label classifier from a table of predictions."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    label_ranking_average_precision_score,
    precision_recall_fscore_support,
)

from kerasinst.evaluation.calibration import expected_calibration_error
from kerasinst.evaluation.intervals import bootstrap_accuracy
from kerasinst.evaluation.predictions import by_label, truth


def measure_multilabel(
    table: pd.DataFrame, labels: list[str], *, seed: int = 0, threshold: float = 0.5
) -> dict[str, Any]:
    """Computes the figures of one table whose rows have any number of labels.

    A label is reported if its score is at least the threshold. Accuracy is the share of rows in which every label is
    right (subset accuracy). Macro figures are means over the labels that occur.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
        seed: seed of the bootstrap.
        threshold: smallest score of labels that are reported.

    Returns:
        The figures that `measure` gives, without the confusion matrix, and recall_playing (share of the true labels
        that are reported), false_positives_per_frame (mean number of falsely reported labels per row) and
        label_ranking_average_precision.

    Example:
        >>> measure_multilabel(run.predictions(), ["cello", "flute"])["recall_playing"]
        0.76
    """
    true = truth(table, labels)
    scores = table[labels].to_numpy()
    reported = scores >= threshold
    precision, recall, f1, n = precision_recall_fscore_support(true, reported, zero_division=0)
    occurs = n > 0
    correct = (true == reported).all(axis=1)
    confidence = np.maximum(scores, 1 - scores)
    figures = {
        "accuracy": correct.mean(),
        "macro_precision": precision[occurs].mean(),
        "macro_recall": recall[occurs].mean(),
        "macro_f1": f1[occurs].mean(),
        "micro_f1": f1_score(true, reported, average="micro", zero_division=0),
        "mean_average_precision": np.mean(
            [average_precision_score(true[:, index], scores[:, index]) for index in np.flatnonzero(occurs)]
        ),
        "ece": expected_calibration_error(confidence.ravel(), (true == (scores >= 0.5)).ravel()),
        "recall_playing": (true & reported).sum() / max(1, true.sum()),
        "false_positives_per_frame": (~true & reported).sum() / len(table),
        "label_ranking_average_precision": label_ranking_average_precision_score(true, scores),
    }
    interval = bootstrap_accuracy(correct, table.group.to_numpy(), seed=seed)
    return {
        **{name: round(float(value), 6) for name, value in figures.items()},
        "accuracy_ci95": [round(end, 6) for end in interval],
        "per_label": by_label(labels, precision, recall=recall, f1=f1, n=n),
    }
