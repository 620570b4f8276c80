"""Compares a small model with the model that it was made of."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kerasinst.evaluation.predictions import correct, metrics_row, reported
from kerasinst.evaluation.significance import mcnemar


def measure_degradation(
    small: pd.DataFrame,
    whole: pd.DataFrame,
    *,
    figures: Mapping[str, Any],
    whole_figures: Mapping[str, Any],
    task: str,
) -> dict[str, Any]:
    """Compares two models on the same clips, as a row of a table.

    Args:
        small: predictions of the small model for test clips, as `select_test_clips` gives them.
        whole: predictions of the model that it was made of, for the same clips.
        figures: figures of the small model at clip level, as metrics.json holds them.
        whole_figures: figures of the other model.
        task: "single-label" or "multi-label".

    Returns:
        The figures that `metrics_row` gives of the small model; accuracy_drop and macro_f1_drop; agreement (share of
        clips to which both give the same labels) and largest_score_difference; p_value of McNemar's test;
        label_recall_drop and label_f1_drop (of the label that loses most); and for each label `f1:LABEL`,
        `f1_change:LABEL` and `recall_change:LABEL`.

    Raises:
        ValueError: if the two models judge different clips.

    Example:
        >>> both = {"figures": metrics["clip"], "whole_figures": run.metrics()["clip"]}
        >>> measure_degradation(small, whole, **both, task="single-label")["label_recall_drop"]
        0.05
    """
    labels = list(whole_figures["per_label"])
    if set(small.index) != set(whole.index):
        raise ValueError("the two models judge different clips")
    whole = whole.loc[small.index]
    ours, theirs = small[labels].to_numpy(float), whole[labels].to_numpy(float)
    named, whole_named = (reported(table, labels, task=task) for table in (small, whole))
    same = (named == whole_named).all(axis=1)
    of_labels, whole_of_labels = figures["per_label"], whole_figures["per_label"]
    changes = {
        name: {label: _change(name, of_labels[label], whole_of_labels[label]) for label in labels}
        for name in ("recall", "f1")
    }
    p_value = mcnemar(
        correct(small, labels, task=task), correct(whole, labels, task=task), groups=small["group"].to_numpy()
    )
    return {
        **metrics_row(figures),
        "accuracy_drop": 0.0 - _change("accuracy", figures, whole_figures),
        "macro_f1_drop": 0.0 - _change("macro_f1", figures, whole_figures),
        "agreement": round(float(same.mean()), 6),
        "largest_score_difference": round(float(np.abs(ours - theirs).max()), 6),
        "p_value": p_value,
        **{f"label_{name}_drop": 0.0 - min(changed.values()) for name, changed in changes.items()},
        **{f"f1:{label}": of_labels[label]["f1"] for label in labels},
        **{f"{name}_change:{label}": changes[name][label] for name in changes for label in labels},
    }


def _change(name: str, figures: Mapping[str, Any], whole_figures: Mapping[str, Any]) -> float:
    """Computes how much larger a figure of the small model is."""
    return round(figures[name] - whole_figures[name], 6)


def pareto_front(
    table: pd.DataFrame, good: str = "accuracy", *, costs: tuple[str, ...] = ("bytes", "milliseconds")
) -> list[bool]:
    """Tells which models lie on the Pareto front.

    A model lies on it unless another one is at least as good, costs no more, and differs in one of these.

    Args:
        table: one row per model.
        good: column whose values should be large.
        costs: columns whose values should be small.

    Returns:
        One truth value per row.

    Example:
        >>> pareto_front(pd.DataFrame({"accuracy": [0.8, 0.9, 0.8], "bytes": [10, 20, 30], "milliseconds": [1, 1, 1]}))
        [True, True, False]
    """
    values = np.column_stack([table[good], *(-table[cost] for cost in costs)])
    return [not any((other >= one).all() and (other > one).any() for other in values) for one in values]
