"""Reports the label with the best score."""

import numpy as np

from kerasinst.decisions.steps import Rule, top


class Argmax(Rule):
    """Reports the label with the best score of each frame, and no other.

    Example:
        >>> Argmax()(np.array([[0.2, 0.7, 0.6]]))
        array([[False,  True, False]])
    """

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns which labels are reported."""
        return top(scores, 1)
