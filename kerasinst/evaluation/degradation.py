"""What a smaller model says otherwise than the model it was made of."""

from typing import Any

import numpy as np
import pandas as pd

from kerasinst.evaluation.predictions import correct, row
from kerasinst.evaluation.significance import mcnemar


def degradation(
    small: pd.DataFrame, whole: pd.DataFrame, figures: dict[str, Any], whole_figures: dict[str, Any], task: str
) -> dict[str, Any]:
    """Compares two models on the same clips, as a row of a table.

    Args:
        small: predictions of test clips, by clip, with their groups, as `tested` gives them.
        whole: those of the model it was made of, for the same clips.
        figures: of clips, by the small model, as metrics.json holds them.
        whole_figures: those of the other.
        task: "single-label" or "multi-label".

    Returns:
        What `row` gives of the small model; accuracy_drop and macro_f1_drop; agreement (share of clips that both
        give the same labels) and largest_score_difference; p_value of McNemar's test; label_recall_drop and
        label_f1_drop, of the label that loses most; and for each label `f1:LABEL`, `f1_change:LABEL` and
        `recall_change:LABEL`.

    Raises:
        ValueError: if they judge different clips.

    Example:
        >>> degradation(small, whole, metrics["clip"], run.metrics()["clip"], "single-label")["label_recall_drop"]
        0.05
    """
    labels = list(whole_figures["per_label"])
    if set(small.index) != set(whole.index):
        raise ValueError("the two models judge different clips")
    whole = whole.loc[small.index]
    ours, theirs = small[labels].to_numpy(float), whole[labels].to_numpy(float)
    if task == "single-label":
        same = ours.argmax(axis=1) == theirs.argmax(axis=1)
    else:
        same = ((ours >= 0.5) == (theirs >= 0.5)).all(axis=1)

    def change(name: str, figures: dict, whole_figures: dict) -> float:
        return round(figures[name] - whole_figures[name], 6)

    changes = {
        name: {label: change(name, figures["per_label"][label], whole_figures["per_label"][label]) for label in labels}
        for name in ("recall", "f1")
    }
    return {
        **row(figures),
        "accuracy_drop": 0.0 - change("accuracy", figures, whole_figures),
        "macro_f1_drop": 0.0 - change("macro_f1", figures, whole_figures),
        "agreement": round(float(same.mean()), 6),
        "largest_score_difference": round(float(np.abs(ours - theirs).max()), 6),
        "p_value": mcnemar(correct(small, labels, task=task), correct(whole, labels, task=task), groups=small.group),
        **{f"label_{name}_drop": 0.0 - min(of_labels.values()) for name, of_labels in changes.items()},
        **{f"f1:{label}": figures["per_label"][label]["f1"] for label in labels},
        **{f"{name}_change:{label}": changes[name][label] for name in changes for label in labels},
    }


def pareto_front(
    table: pd.DataFrame, good: str = "accuracy", *, costs: tuple[str, ...] = ("bytes", "milliseconds")
) -> list[bool]:
    """Which rows lie on the Pareto front: no other is at least as good, costs no more, and differs in one of these.

    Args:
        table: a row a model.
        good: column of what should be large.
        costs: columns of what should be small.

    Example:
        >>> pareto_front(pd.DataFrame({"accuracy": [0.8, 0.9, 0.8], "bytes": [10, 20, 30], "milliseconds": [1, 1, 1]}))
        [True, True, False]
    """
    values = np.column_stack([table[good], *(-table[cost] for cost in costs)])
    return [not any((other >= one).all() and (other > one).any() for other in values) for one in values]
