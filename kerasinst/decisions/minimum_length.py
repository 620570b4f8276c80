"""Leaves out what is reported for a moment only, and closes short gaps."""

import numpy as np

from kerasinst.decisions.steps import LabelStep, check_number


class MinimumLength(LabelStep):
    """Closes short gaps, and then leaves out what is reported for less than a minimum length.

    Args:
        seconds: smallest length in seconds of what is reported.
        gap_seconds: gaps shorter than this are closed.
        hop_seconds: length of a frame in seconds.

    Raises:
        ValueError: if a length is below 0.

    Example:
        >>> reported = np.array([[True], [False], [False], [True], [True]])
        >>> MinimumLength(seconds=0.2, hop_seconds=0.1)(reported, reported * 1.0, thresholds=None).ravel()
        array([False, False, False,  True,  True])
    """

    def __init__(self, seconds: float = 0.3, *, gap_seconds: float = 0.0, hop_seconds: float = 1.0) -> None:
        super().__init__()
        check_number("seconds", seconds)
        check_number("gap_seconds", gap_seconds)
        self.seconds, self.gap_seconds, self.hop_seconds = seconds, gap_seconds, hop_seconds

    def __call__(self, reported: np.ndarray, scores: np.ndarray, *, thresholds: np.ndarray | None) -> np.ndarray:
        """Changes what is reported."""
        changed = reported.copy()
        for column in changed.T:
            for start, end in _runs(~column):
                if start > 0 and end < len(column) and (end - start) * self.hop_seconds < self.gap_seconds - 1e-9:
                    column[start:end] = True
            for start, end in _runs(column):
                if (end - start) * self.hop_seconds < self.seconds - 1e-9:
                    column[start:end] = False
        return changed


def _runs(column: np.ndarray) -> list[tuple[int, int]]:
    """Finds where runs of True begin and end."""
    edges = np.flatnonzero(np.diff(np.r_[0, column.astype(np.int8), 0]))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
