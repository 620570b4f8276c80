"""Computes how well the events of labels are found: from when to when each label sounds."""

from typing import Any

import mir_eval.transcription
import numpy as np
import pandas as pd

from kerasinst.evaluation.intervals import bootstrap_ratio
from kerasinst.evaluation.predictions import judged, reported, truth

COLLAR = 0.2
"""Largest distance in seconds of the beginnings of two events that match, and of their ends."""
LENGTH_SHARE = 0.2
"""Largest distance of their ends as a share of the length of the true event, if that is more than `COLLAR`."""
OVERLAP = 0.5
"""Smallest share of an event that must be covered for intersection-based figures."""


def measure_events(table: pd.DataFrame, labels: list[str], *, hop_seconds: float, seed: int = 0) -> dict[str, Any]:
    """Computes the F1 of events, over all labels together.

    An event is a run of rows of a clip in which a label sounds, or is reported. Two figures say how many are found:

    - event_f1: a true and a reported event match if they begin within `COLLAR` of each other, and end within `COLLAR`
      or `LENGTH_SHARE` of the true length, each with at most one other (event-based figures, matched by mir_eval).
    - intersection_f1: a reported event is right if true events of its label cover at least `OVERLAP` of it, and a true
      event is found if such events cover at least `OVERLAP` of it (intersection-based figures, without cross-triggers).

    Labels of a clip that nobody judged have no events.

    Args:
        table: table of frames or segments, the rows of each clip in the order of time.
        labels: labels in the order of scores.
        hop_seconds: distance from one row to the next in seconds.
        seed: seed of the bootstrap.

    Returns:
        event_f1, intersection_f1, and their 95 % intervals by group, event_f1_ci95 and intersection_f1_ci95.

    Sources:
        Mesaros, Heittola and Virtanen (2016), Metrics for polyphonic sound event detection, Applied Sciences 6 (6).
        Bilen et al. (2020), A framework for the robust evaluation of sound event detection, ICASSP.

    Example:
        >>> measure_events(frames, ["cello", "flute"], hop_seconds=0.1)["intersection_f1"]
        0.66
    """
    known = judged(table, labels)
    true = truth(table, labels) & known
    named = reported(table, labels, task="multi-label") & known
    clips = list(table.groupby(["clip", "split"], sort=False).indices.values())
    groups = table.group.to_numpy()[[rows[0] for rows in clips]]
    counts = np.array([_of_clip(true[rows], named[rows], hop_seconds) for rows in clips]).reshape(-1, 2, 2)
    figures: dict[str, Any] = {}
    for index, name in enumerate(("event_f1", "intersection_f1")):
        above, below = counts[:, index].T
        figures[name] = round(float(above.sum() / max(1, below.sum())), 6)
        figures[f"{name}_ci95"] = [round(end, 6) for end in bootstrap_ratio(above, below, groups=groups, seed=seed)]
    return figures


def _of_clip(true: np.ndarray, named: np.ndarray, hop_seconds: float) -> np.ndarray:
    """Adds up numerators and denominators of both figures over the labels of a clip: `(2, 2)`."""
    counts = np.zeros((2, 2))
    for column in range(true.shape[1]):
        reference, found = (_intervals(each[:, column], hop_seconds) for each in (true, named))
        counts += [_matching(reference, found), _intersecting(reference, found)]
    return counts


def _matching(reference: np.ndarray, found: np.ndarray) -> tuple[int, int]:
    """Counts twice the events that match, and all events."""
    matched = ()
    if len(reference) and len(found):
        matched = mir_eval.transcription.match_notes(
            reference,
            np.ones(len(reference)),
            found,
            np.ones(len(found)),
            onset_tolerance=COLLAR,
            offset_ratio=LENGTH_SHARE,
            offset_min_tolerance=COLLAR,
        )
    return 2 * len(matched), len(reference) + len(found)


def _intersecting(reference: np.ndarray, found: np.ndarray) -> tuple[int, int]:
    """Counts twice the true events that are covered, and these with all that are missed or reported falsely."""
    ends = np.minimum(reference[:, None, 1], found[None, :, 1])
    both = np.maximum(ends - np.maximum(reference[:, None, 0], found[None, :, 0]), 0)
    right = both.sum(axis=0) >= OVERLAP * np.diff(found)[:, 0] - 1e-9
    hits = int((both[:, right].sum(axis=1) >= OVERLAP * np.diff(reference)[:, 0] - 1e-9).sum())
    return 2 * hits, hits + len(reference) + int((~right).sum())


def _intervals(sounding: np.ndarray, hop_seconds: float) -> np.ndarray:
    """Lists from when to when a label sounds, in seconds: `(events, 2)`."""
    edges = np.flatnonzero(np.diff(sounding.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2) * hop_seconds
