"""Reports the best labels whose scores also reach thresholds."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from kerasinst.decisions.steps import Recording, check_count, top
from kerasinst.decisions.threshold import Threshold


class Hybrid(Threshold):
    """Reports at most `n` labels of a frame, those with the best scores, if these also reach thresholds.

    This is the mix of top N and class thresholds that the musicnet study names as future work. Thresholds are fitted to
    the scores that are among the best.

    Args:
        n: largest number of labels.
        value: see `Threshold`.
        by: see `Threshold`.
        goal: see `Threshold`.
        false_positives: see `Threshold`.
        labels: see `Threshold`.

    Raises:
        ValueError: if a value is out of range, or names a label that the model does not have.

    Example:
        >>> Hybrid(n=1, value=0.6)(np.array([[0.2, 0.7, 0.6], [0.5, 0.1, 0.1]]))
        array([[False,  True, False],
               [False, False, False]])
    """

    def __init__(
        self,
        n: int = 3,
        *,
        value: float | Mapping[str, float] | None = None,
        by: Literal["all", "label"] = "label",
        goal: Literal["f1", "false_positives", "trade_off"] = "f1",
        false_positives: float = 1.6,
        labels: Sequence[str] = (),
    ) -> None:
        super().__init__(value, by=by, goal=goal, false_positives=false_positives, labels=labels)
        check_count("n", n)
        self.n = n

    def fit(self, recordings: Sequence[Recording]) -> None:
        """Fits the thresholds to the scores that are among the best of their frame."""
        super().fit([Recording(np.where(top(scores, self.n), scores, -np.inf), truth) for scores, truth in recordings])

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns which labels are reported."""
        return super().__call__(scores) & top(scores, self.n)
