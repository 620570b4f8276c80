"""What the steps of a decision have in common."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class Recording(NamedTuple):
    """Scores and truth of a recording, to which a decision is fitted.

    Attributes:
        scores: scores of its frames in the order of time, `(frames, labels)`.
        truth: 1 for each label that a frame has and 0 for others, `(frames, labels)`; NaN where nobody judged.
    """

    scores: np.ndarray
    truth: np.ndarray


class Step:
    """A step of a decision.

    Attributes:
        fitted: what the step learned, by name, in values that JSON can hold.
    """

    def __init__(self) -> None:
        self.fitted: dict[str, Any] = {}

    def fit(self, recordings: Sequence[Recording]) -> None:
        """Learns from recordings; most steps have nothing to learn.

        Args:
            recordings: recordings of the validation split, with scores as the steps before leave them.
        """


class ScoreStep(Step):
    """A step that changes scores before the rule."""

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Changes the scores of a recording, `(frames, labels)`."""
        raise NotImplementedError


class Rule(Step):
    """A step that reports labels by their scores."""

    thresholds: np.ndarray | None = None
    """Smallest score of each label that is reported, `(labels,)`, for rules that have such."""

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns which labels of each frame are reported, booleans of shape `(frames, labels)`."""
        raise NotImplementedError


class LabelStep(Step):
    """A step that changes what the rule reports."""

    def __call__(self, reported: np.ndarray, scores: np.ndarray, *, thresholds: np.ndarray | None) -> np.ndarray:
        """Changes which labels of a recording are reported.

        Args:
            reported: booleans of shape `(frames, labels)`.
            scores: scores as the rule saw them, `(frames, labels)`.
            thresholds: thresholds of the rule, `(labels,)`, or None if it has none.
        """
        raise NotImplementedError


def check_number(name: str, value: Any, *, low: float = 0.0, high: float = np.inf, open_below: bool = False) -> None:
    """Refuses an option that is no finite number within a range.

    Args:
        name: name of the option.
        value: its value.
        low: smallest value that is allowed.
        high: largest value that is allowed.
        open_below: whether `low` itself is not allowed.

    Raises:
        ValueError: if it is none.
    """
    given = not isinstance(value, bool) and isinstance(value, int | float) and np.isfinite(value)
    if not given or not (low < value if open_below else low <= value) or value > high:
        at_least = f"of at least {low:g}" if high == np.inf else f"from {low:g} to {high:g}"
        raise ValueError(f"{name}={value} must be a number {f'above {low:g}' if open_below else at_least}")


def check_count(name: str, value: Any) -> None:
    """Refuses an option that is no whole number of at least 1.

    Args:
        name: name of the option.
        value: its value.

    Raises:
        ValueError: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name}={value} must be a whole number of at least 1")


def joined(recordings: Sequence[Recording]) -> Recording:
    """Joins the frames of several recordings."""
    return Recording(*(np.concatenate(parts) for parts in zip(*recordings, strict=True)))


def top(scores: np.ndarray, counts: np.ndarray | int) -> np.ndarray:
    """Finds the best scores of each frame; of equal ones, the first.

    Args:
        scores: scores of shape `(frames, labels)`.
        counts: number of scores that are taken, one for all frames or `(frames,)`.

    Returns:
        Booleans of shape `(frames, labels)`.
    """
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return ranks < np.reshape(counts, (-1, 1))
