"""Computes the figures of a classifier from a table of predictions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score, precision_recall_fscore_support

from kerasinst.datasets.pitches import are_pitches
from kerasinst.decisions import Decision
from kerasinst.evaluation.calibration import expected_calibration_error
from kerasinst.evaluation.coarse import coarsened
from kerasinst.evaluation.deciding import decide
from kerasinst.evaluation.events import measure_events
from kerasinst.evaluation.intervals import bootstrap_accuracy
from kerasinst.evaluation.multilabel import measure_multilabel
from kerasinst.evaluation.notes import measure_notes
from kerasinst.evaluation.predictions import by_label, truth


def evaluate(
    segments: pd.DataFrame,
    labels: list[str],
    *,
    seed: int = 0,
    task: str = "single-label",
    decision: Decision | None = None,
    coarse: Mapping[str, str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Computes figures at clip level, which are the main ones, and at segment level.

    Args:
        segments: table of segments, see `segment_table`.
        labels: labels in the order of scores.
        seed: seed of the bootstrap.
        task: "single-label" or "multi-label".
        decision: decision of the model, for multi-label tasks; None reports scores of at least `THRESHOLD`.
        coarse: coarser label of each label that is a kind of one, for single-label tasks; see `coarsened`.

    Returns:
        Figures as `measure` or `measure_multilabel` gives them, under "clip" and "segment", and those of clips by their
        coarse labels under "coarse". If labels are known frame by frame, "frame" has those of `measure_events`, too, or
        of `measure_notes` if labels are pitches.
    """
    segments, clips = decide(segments, decision, labels=labels, task=task)
    if task == "single-label":
        figures = {"clip": measure(clips, labels, seed=seed), "segment": measure(segments, labels, seed=seed)}
        return (
            {**figures, "coarse": measure(*coarsened(clips, labels, coarse=coarse), seed=seed)} if coarse else figures
        )
    figures = {
        level: measure_multilabel(table, labels, seed=seed) for level, table in (("clip", clips), ("segment", segments))
    }
    if "whole" not in segments:
        return figures
    measured = measure_notes if are_pitches(labels) else measure_events
    events = measured(segments, labels, hop_seconds=decision.hop_seconds, seed=seed) if decision else {}
    return {**figures, "frame": {**figures["segment"], **events}}


def measure(table: pd.DataFrame, labels: list[str], *, seed: int = 0) -> dict[str, Any]:
    """Computes the figures of one table.

    Macro figures are means over the labels that occur in the table. The confusion matrix has a row for each true and
    a column for each predicted label, in the order of `labels`. If rows have several labels, as the test clips of IRMAS
    do, a row is right if the label with the best score is one of them; the share of such rows is also given as
    top1_in_labels, and there is no confusion matrix.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
        seed: seed of the bootstrap.

    Returns:
        accuracy, accuracy_ci95, macro_precision, macro_recall, macro_f1, micro_f1, mean_average_precision, ece,
        per_label, and confusion or top1_in_labels, as `metrics.json` holds them.

    Example:
        >>> measure(run.predictions(), ["cello", "flute"])["accuracy"]
        0.81
    """
    scores, true = table[labels].to_numpy(), truth(table, labels)
    named = scores.argmax(axis=1)
    indices = np.arange(len(labels))
    predicted = named[:, None] == indices
    precision, recall, f1, n = precision_recall_fscore_support(true, predicted, zero_division=0)
    occurs = n > 0
    correct = true[np.arange(len(table)), named]
    average_precision = [average_precision_score(true[:, index], scores[:, index]) for index in indices[occurs]]
    figures = {
        "accuracy": float(correct.mean()),
        "accuracy_ci95": [round(end, 6) for end in bootstrap_accuracy(correct, table.group.to_numpy(), seed=seed)],
        "macro_precision": float(precision[occurs].mean()),
        "macro_recall": float(recall[occurs].mean()),
        "macro_f1": float(f1[occurs].mean()),
        "micro_f1": f1_score(true, predicted, average="micro", zero_division=0),  # the accuracy, with one label a clip
        "mean_average_precision": float(np.mean(average_precision)),
        "ece": expected_calibration_error(scores.max(axis=1), correct),
    }
    per_label = by_label(labels, precision, recall=recall, f1=f1, n=n)
    rounded = {name: value if isinstance(value, list) else round(float(value), 6) for name, value in figures.items()}
    if (true.sum(axis=1) != 1).any():
        return {**rounded, "top1_in_labels": rounded["accuracy"], "per_label": per_label}
    confusion = confusion_matrix(true.argmax(axis=1), named, labels=indices).tolist()
    return {**rounded, "per_label": per_label, "confusion": confusion}
