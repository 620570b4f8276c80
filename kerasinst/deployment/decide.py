"""Decides which labels sound from the scores of a model, as kerasinst does: what export.json says under "decision".

Needs: numpy alone. The documentation of kerasinst describes each step, on its page about decisions.
"""

from typing import Any

import numpy as np


def decide(scores: np.ndarray, decision: dict[str, Any]) -> np.ndarray:
    """Tells which labels of each frame, `(frames, labels)`, are reported, as booleans of the same shape."""
    named = [next(iter(each.items())) for each in (decision["rule"], *decision["steps"])]
    (rule, options), *steps = [
        (name, {**given, **learned}) for (name, given), learned in zip(named, decision["fitted"], strict=True)
    ]
    hop = decision["hop_seconds"]
    for name, step in steps:
        if name == "mean_subtraction":
            scores = scores + np.asarray(step["shift"], float)
        elif name == "median":
            scores = _median(scores, int(step.get("seconds", 0.5) / hop + 1e-6) // 2)
    thresholds = np.asarray(options.get("thresholds", 0.0), float)
    reported = (scores >= thresholds) & _best(scores, _most(rule, options, scores))
    for name, step in steps:
        if name == "hysteresis":
            stays = scores >= step.get("share", 0.7) * thresholds
            for frame in range(1, len(reported)):
                reported[frame] |= reported[frame - 1] & stays[frame]
        elif name == "minimum_length":
            for column in reported.T:
                _drop_short(column, step.get("seconds", 0.3) / hop, step.get("gap_seconds", 0.0) / hop)
    return reported


def of_recording(scores: np.ndarray, decision: dict[str, Any]) -> np.ndarray:
    """Tells which labels a recording has, `(labels,)`, from the scores of its frames or segments."""
    if decision["by_frame"]:
        return np.asarray(decide(scores, decision).any(axis=0))
    return decide(scores.mean(axis=0, keepdims=True), decision)[0]


def _most(rule: str, options: dict[str, Any], scores: np.ndarray) -> Any:
    """Gives the largest number of labels that each frame may have."""
    if rule == "argmax":
        return 1
    if rule in ("top_n", "hybrid"):
        return options.get("n", 3)
    if rule == "count":
        estimated = np.rint(options["slope"] * scores.sum(axis=1) + options["offset"])
        return np.clip(estimated, 0, options.get("most"))
    return scores.shape[1]


def _best(scores: np.ndarray, counts: Any) -> np.ndarray:
    """Finds so many best scores of each frame."""
    return np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1) < np.reshape(counts, (-1, 1))


def _median(scores: np.ndarray, half: int) -> np.ndarray:
    """Takes the median of each score and of `half` neighbours on both sides."""
    padded = np.pad(scores, ((half, half), (0, 0)), mode="edge")
    return np.median([padded[shift : shift + len(scores)] for shift in range(2 * half + 1)], axis=0)


def _drop_short(column: np.ndarray, shortest: float, gap: float) -> None:
    """Closes gaps shorter than `gap` frames, and then drops what is reported for fewer than `shortest`."""
    for value, limit in ((False, gap), (True, shortest)):
        edges = np.flatnonzero(np.diff(np.r_[False, column == value, False].astype(int)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start < limit - 1e-6 and (value or (start > 0 and end < len(column))):
                column[start:end] = not value
