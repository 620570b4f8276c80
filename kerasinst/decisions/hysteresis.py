"""Lets a label that is reported stay until its score has fallen well below its threshold."""

import numpy as np

from kerasinst.decisions.steps import LabelStep, check_number


class Hysteresis(LabelStep):
    """Lets a label that is reported stay as long as its score is at least a share of its threshold.

    Args:
        share: share of the threshold, from 0 to 1; 1 changes nothing.

    Raises:
        ValueError: if the share is not from 0 to 1, or the rule has no thresholds.

    Example:
        >>> scores = np.array([[0.4], [0.7], [0.4], [0.2], [0.4]])
        >>> Hysteresis(share=0.5)(scores >= 0.6, scores, thresholds=np.array(0.6)).ravel()
        array([False,  True,  True, False, False])
    """

    def __init__(self, share: float = 0.7) -> None:
        super().__init__()
        check_number("share", share, high=1)
        self.share = share

    def __call__(self, reported: np.ndarray, scores: np.ndarray, *, thresholds: np.ndarray | None) -> np.ndarray:
        """Extends what is reported."""
        if thresholds is None:
            raise ValueError("hysteresis needs the thresholds of a rule")
        stays = scores >= self.share * thresholds
        extended = reported.copy()
        for frame in range(1, len(extended)):
            extended[frame] |= extended[frame - 1] & stays[frame]
        return extended
