"""Estimates how many labels sound, and reports as many."""

from collections.abc import Sequence

import numpy as np

from kerasinst.decisions.steps import Recording, Rule, check_count, joined, top


class Count(Rule):
    """Reports as many labels as are estimated to sound, those with the best scores.

    The estimate is `slope * sum of scores + offset`, rounded, fitted by least squares to the frames of the validation
    split. Without a fit it is the sum of scores, which is the expected number of labels if scores are calibrated.

    Args:
        most: largest number of labels; None has no limit.

    Raises:
        ValueError: if `most` is below 1.

    Example:
        >>> Count()(np.array([[0.2, 0.7, 0.9]]))
        array([[False,  True,  True]])
    """

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        if most is not None:
            check_count("most", most)
        self.most = most
        self.fitted = {"slope": 1.0, "offset": 0.0}

    def fit(self, recordings: Sequence[Recording]) -> None:
        """Fits the number of labels to the sum of scores; frames with labels that nobody judged are left out."""
        scores, truth = joined(recordings)
        judged = ~np.isnan(truth).any(axis=1)
        sums, counts = scores[judged].sum(axis=1), truth[judged].sum(axis=1)
        if len(sums) < 2 or np.ptp(sums) == 0:
            return
        slope, offset = np.polyfit(sums, counts, 1)
        self.fitted = {"slope": float(slope), "offset": float(offset)}

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns which labels are reported."""
        estimated = np.rint(self.fitted["slope"] * scores.sum(axis=1) + self.fitted["offset"])
        return top(scores, np.clip(estimated, 0, self.most))
