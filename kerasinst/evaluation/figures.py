"""Computes the figure of validation segments by which epochs and trials are compared."""

import numpy as np
from sklearn.metrics import average_precision_score, f1_score

THRESHOLD = 0.5
"""Smallest score of labels that are reported in a multi-label task."""


def sign(name: str) -> int:
    """Returns 1 for figures and costs of which more is better, and -1 for losses and costs.

    Args:
        name: name of an objective, such as "val_loss" or "int8:val_macro_f1".
    """
    return 1 if "val_" in name and not name.endswith("loss") else -1


def figure(name: str, targets: np.ndarray, *, scores: np.ndarray, task: str = "single-label") -> float:
    """Computes a figure of the validation segments.

    Macro figures are means over the labels that occur.

    Args:
        name: "val_accuracy", "val_loss", "val_macro_f1" or "val_mean_average_precision".
        targets: targets of shape `(segments, labels)`.
        scores: scores of shape `(segments, labels)`.
        task: "single-label", or "multi-label", in which a label is reported if its score is at least `THRESHOLD`.
            Accuracy is then the share of labels that are right, and the loss is binary cross-entropy.

    Raises:
        ValueError: if there is no such figure.

    Example:
        >>> figure("val_macro_f1", np.eye(2), scores=np.array([[0.9, 0.1], [0.8, 0.2]]))
        0.3333333333333333
    """
    true, single = targets >= 0.5, task == "single-label"
    reported = scores.argmax(axis=1)[:, None] == np.arange(scores.shape[1]) if single else scores >= THRESHOLD
    occurs = true.any(axis=0)
    if name == "val_accuracy":
        return float(quality(targets, scores=scores, task=task).mean())
    if name == "val_macro_f1":
        columns = zip(true[:, occurs].T, reported[:, occurs].T, strict=True)
        return float(np.mean([f1_score(each, found, zero_division=0) for each, found in columns]))
    if name == "val_mean_average_precision":
        return float(average_precision_score(true[:, occurs], scores[:, occurs], average="macro"))
    if name == "val_loss":
        sure = np.clip(scores, 1e-7, 1 - 1e-7)
        if single:
            return float(-(targets * np.log(sure)).sum(axis=1).mean())
        return float(-(targets * np.log(sure) + (1 - targets) * np.log(1 - sure)).mean())
    raise ValueError(f"there is no figure '{name}'")


def quality(targets: np.ndarray, *, scores: np.ndarray, task: str = "single-label") -> np.ndarray:
    """Tells how right each segment is: 0 or 1 for a single label, else the share of labels that are right.

    Args:
        targets: targets of shape `(segments, labels)`.
        scores: scores of shape `(segments, labels)`.
        task: "single-label" or "multi-label".

    Returns:
        Numbers from 0 to 1, shape `(segments,)`.
    """
    if task == "single-label":
        return (scores.argmax(axis=1) == targets.argmax(axis=1)).astype(float)
    return ((scores >= THRESHOLD) == (targets >= 0.5)).mean(axis=1)
