"""Computes the figure of validation segments by which epochs and trials are compared."""

import numpy as np
from sklearn.metrics import f1_score

from kerasinst.evaluation.multilabel import mean_average_precision
from kerasinst.evaluation.predictions import THRESHOLD


def sign(name: str) -> int:
    """Returns 1 for figures and costs of which more is better, and -1 for losses and costs.

    Args:
        name: name of an objective, such as "val_loss" or "int8:val_macro_f1".
    """
    return 1 if "val_" in name and not name.endswith(("loss", "missed_and_false")) else -1


def figure(name: str, targets: np.ndarray, *, scores: np.ndarray, task: str = "single-label") -> float:
    """Computes a figure of the validation segments.

    Macro figures are means over the labels that occur.

    Args:
        name: "val_accuracy", "val_loss", "val_macro_f1", "val_mean_average_precision" or "val_missed_and_false".
        targets: targets of shape `(segments, labels)`, or `(segments, frames, labels)`; NaN is not judged, and a label
            with any share above 0 sounds.
        scores: scores of the same shape.
        task: "single-label", or "multi-label", in which a label is reported if its score is at least `THRESHOLD`.
            Accuracy is then the share of labels that are right, and the loss is binary cross-entropy.

    Raises:
        ValueError: if there is no such figure.

    Example:
        >>> figure("val_macro_f1", np.eye(2), scores=np.array([[0.9, 0.1], [0.8, 0.2]]))
        0.3333333333333333
    """
    targets, scores = (each.reshape(-1, each.shape[-1]) for each in (targets, scores))
    known, true, single = ~np.isnan(targets), targets > 0, task == "single-label"
    reported = scores.argmax(axis=1)[:, None] == np.arange(scores.shape[1]) if single else scores >= THRESHOLD
    if name == "val_accuracy":
        right = (reported == true)[known] if not single else quality(targets, scores=scores)
        return float(right.mean())
    if name == "val_macro_f1":
        columns = [
            f1_score(true[known[:, k], k], reported[known[:, k], k], zero_division=0)
            for k in np.flatnonzero(true.any(axis=0))
        ]
        return float(np.mean(columns)) if columns else 0.0
    if name == "val_mean_average_precision":
        return mean_average_precision(true, scores=scores, known=known)
    if name == "val_missed_and_false":
        missed, false = true & ~reported, ~true & known & reported
        return float(missed.sum() / max(1, true.sum()) + false.sum() / max(1, (~true & known).sum()))
    if name == "val_loss":
        sure = np.clip(scores, 1e-7, 1 - 1e-7)
        if single:
            return float(-(targets * np.log(sure)).sum(axis=1).mean())
        return float(np.nanmean(-(targets * np.log(sure) + (1 - targets) * np.log(1 - sure))))
    raise ValueError(f"there is no figure '{name}'")


def quality(targets: np.ndarray, *, scores: np.ndarray, task: str = "single-label") -> np.ndarray:
    """Tells how right each segment is: 0 or 1 for a single label, else the share of labels that are right.

    Args:
        targets: targets of shape `(segments, labels)`.
        scores: scores of shape `(segments, labels)`.
        task: "single-label" or "multi-label".

    Returns:
        Numbers from 0 to 1, shape `(segments,)`; 1 for segments of which nobody judged a label.
    """
    if task == "single-label":
        return (scores.argmax(axis=1) == targets.argmax(axis=1)).astype(float)
    targets, scores = (each.reshape(len(each), -1) for each in (targets, scores))
    known = ~np.isnan(targets)
    wrong = ((scores >= THRESHOLD) != (targets > 0)) & known
    return 1 - wrong.sum(axis=1) / np.maximum(1, known.sum(axis=1))
