"""Reports the labels with the best scores, always as many."""

import numpy as np

from kerasinst.decisions.steps import Rule, check_count, top


class TopN(Rule):
    """Reports the `n` labels with the best scores of each frame, as the musicnet study does with three.

    Args:
        n: number of labels.

    Raises:
        ValueError: if `n` is below 1.

    Example:
        >>> TopN(n=2)(np.array([[0.2, 0.7, 0.6]]))
        array([[False,  True,  True]])
    """

    def __init__(self, n: int = 3) -> None:
        super().__init__()
        check_count("n", n)
        self.n = n

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns which labels are reported."""
        return top(scores, self.n)
