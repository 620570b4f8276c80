"""Reports the labels whose scores reach a threshold."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from kerasinst.decisions.operating_points import Curve, best_f1, best_trade_off, within_budget
from kerasinst.decisions.steps import Recording, Rule, check_number, joined

UNFITTED = 0.5
"""Threshold of a rule that was not fitted."""


class Threshold(Rule):
    """Reports the labels whose scores reach a threshold.

    Args:
        value: threshold of all labels, or of each label by its name, which is used as it is; None fits it.
        by: "all" has one threshold for all labels, "label" one for each.
        goal: what thresholds are fitted for: "f1" is the best F1 (of all decisions together, or of each label),
            "false_positives" finds as much as possible with at most `false_positives`, and "trade_off" has the smallest
            `FN / N_playing + FP / N_not_playing` of the musicnet study.
        false_positives: mean number of false reports a frame that is allowed.
        labels: names of the labels in the order of scores.

    Raises:
        ValueError: if a value is out of range, or names a label that the model does not have.

    Example:
        >>> Threshold(value=0.6)(np.array([[0.2, 0.7, 0.6]]))
        array([[False,  True,  True]])
    """

    def __init__(
        self,
        value: float | Mapping[str, float] | None = None,
        *,
        by: Literal["all", "label"] = "all",
        goal: Literal["f1", "false_positives", "trade_off"] = "f1",
        false_positives: float = 1.6,
        labels: Sequence[str] = (),
    ) -> None:
        super().__init__()
        if by not in ("all", "label"):
            raise ValueError(f"by: expected all or label, but '{by}' was given")
        if goal not in ("f1", "false_positives", "trade_off"):
            raise ValueError(f"goal: expected f1, false_positives or trade_off, but '{goal}' was given")
        check_number("false_positives", false_positives, open_below=True)
        self.by, self.goal, self.false_positives = by, goal, false_positives
        self.value = value
        self.labels = list(labels)
        self.fitted = {"thresholds": self._given()}

    def _given(self) -> float | list[float]:
        """Returns the thresholds that were given, or the one of a rule that was not fitted."""
        if self.value is None:
            return UNFITTED
        named = self.value if isinstance(self.value, Mapping) else {label: self.value for label in self.labels or [""]}
        for label, threshold in named.items():
            check_number("value", threshold, high=1)
            if isinstance(self.value, Mapping) and self.labels and label not in self.labels:
                raise ValueError(f"value: the model has no label '{label}', only {', '.join(self.labels)}")
        if not isinstance(self.value, Mapping):
            return float(self.value)
        return [float(self.value.get(label, UNFITTED)) for label in self.labels]

    @property
    def thresholds(self) -> np.ndarray:  # type: ignore[override]
        """Smallest score of each label that is reported, `(labels,)`, or `()` if all have the same."""
        return np.asarray(self.fitted["thresholds"], float)

    def fit(self, recordings: Sequence[Recording]) -> None:
        """Fits the thresholds, unless they were given."""
        if self.value is not None:
            return
        scores, truth = joined(recordings)
        columns = [Curve.of(scores[:, index], truth[:, index]) for index in range(scores.shape[1])]
        together = Curve.of(scores.ravel(), truth.ravel())
        allowed = self.false_positives * len(scores)
        if self.goal == "false_positives":
            (common,) = within_budget([together], allowed)
            own = within_budget(columns, allowed)
        else:
            best = best_f1 if self.goal == "f1" else best_trade_off
            common = best(together)
            # nothing can be fitted to a label that never sounds
            own = [best(curve) if curve.n_true else common for curve in columns]
        self.fitted = {"thresholds": common if self.by == "all" else own}

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns which labels are reported."""
        return scores >= self.thresholds
