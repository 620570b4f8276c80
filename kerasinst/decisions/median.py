"""Smooths scores in time by a running median."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kerasinst.decisions.steps import ScoreStep, check_number


class Median(ScoreStep):
    """Replaces each score by the median of its neighbours in time. The first and the last frame stand for those beyond.

    Args:
        seconds: length of the neighbourhood in seconds, which is rounded to an odd number of frames.
        hop_seconds: length of a frame in seconds.

    Raises:
        ValueError: if `seconds` is not above 0.

    Example:
        >>> Median(seconds=0.3, hop_seconds=0.1)(np.array([[0.1], [0.9], [0.2], [0.3]]))
        array([[0.1], [0.2], [0.3], [0.3]])
    """

    def __init__(self, seconds: float = 0.5, *, hop_seconds: float = 1.0) -> None:
        super().__init__()
        check_number("seconds", seconds, open_below=True)
        self.seconds, self.hop_seconds = seconds, hop_seconds

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Smooths the scores of a recording."""
        half = int(self.seconds / self.hop_seconds + 1e-6) // 2
        if not half or not len(scores):
            return scores
        padded = np.pad(scores, ((half, half), (0, 0)), mode="edge")
        return np.median(sliding_window_view(padded, 2 * half + 1, axis=0), axis=-1)
