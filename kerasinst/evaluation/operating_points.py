"""Shows how much a model finds at which number of false reports: over all thresholds, and by each rule of decision."""

from typing import Any

import numpy as np
import pandas as pd

from kerasinst.decisions import Decision
from kerasinst.decisions.operating_points import Curve
from kerasinst.evaluation.deciding import level_of, recordings
from kerasinst.evaluation.predictions import judged, truth

POINTS = 100
"""Largest number of thresholds of a curve."""
SMOOTHING: list[dict[str, dict[str, Any]]] = [{"median": {"seconds": 0.5}}]
"""Steps that need frames, at least three of them within half a second."""
COMPARED: dict[str, tuple[dict[str, dict[str, Any]], list[dict[str, dict[str, Any]]]]] = {
    "one threshold": ({"threshold": {}}, []),
    "a threshold for each label": ({"threshold": {"by": "label"}}, []),
    "the threshold of the best trade-off": ({"threshold": {"goal": "trade_off"}}, []),
    "mean subtraction, one threshold": ({"threshold": {}}, [{"mean_subtraction": {}}]),
    "median of 0.5 s, one threshold": ({"threshold": {}}, SMOOTHING),
    **{f"top {n}": ({"top_n": {"n": n}}, []) for n in range(1, 6)},
    "top 3 above a threshold for each label": ({"hybrid": {"n": 3}}, []),
    "as many as are counted": ({"count": {}}, []),
}
"""Decisions that are compared, by what they are called: a rule and its steps."""


def operating_curve(table: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Computes the share of the sounding labels that is found, and the false reports, over thresholds for all labels.

    Args:
        table: table of segments, see `segment_table`; clips are counted if the labels of segments are not known.
        labels: labels in the order of scores.

    Returns:
        At most `POINTS` rows from the highest threshold to the lowest with threshold, found and false (the mean number
        of false reports in a frame or a clip).

    Example:
        >>> operating_curve(table, ["cello", "flute"]).tail(1).found.item()
        1.0

    Source: "Musical Instrument Identification From a Soundtrack", which draws these two figures.
    """
    table = level_of(table)
    known = np.where(judged(table, labels), truth(table, labels), np.nan)
    curve = Curve.of(table[labels].to_numpy().ravel(), known.ravel())
    rows = np.unique(np.linspace(0, len(curve.thresholds) - 1, POINTS).astype(int))
    return pd.DataFrame(
        {
            "threshold": curve.thresholds[rows],
            "found": curve.found[rows] / max(1, curve.n_true),
            "false": curve.false[rows] / max(1, len(table)),
        }
    ).round(6)


def compare_rules(
    validation: pd.DataFrame, test: pd.DataFrame, *, labels: list[str], hop_seconds: float
) -> pd.DataFrame:
    """Fits each of `COMPARED` to validation segments, and applies it to test segments.

    Args:
        validation: table of validation segments.
        test: table of test segments.
        labels: labels in the order of scores.
        hop_seconds: distance from one segment to the next in seconds.

    Returns:
        One row per rule with rule, found, false (the mean number of false reports in a frame or a clip) and micro_f1.
    """
    by_frame = "whole" in test
    fitted_to, applied_to = (recordings(level_of(table), labels) for table in (validation, test))
    true = np.concatenate([known for _, known in applied_to])
    rows = []
    for name, (rule, steps) in COMPARED.items():
        unsuited = any(options.get("n", 0) > len(labels) for options in rule.values())
        if unsuited or (steps == SMOOTHING and not (by_frame and 3 * hop_seconds <= 0.5)):
            continue
        decision = Decision(rule, steps, labels=labels, hop_seconds=hop_seconds, by_frame=by_frame).fit(fitted_to)
        named = np.concatenate([decision(scores) for scores, _ in applied_to])
        hits, false, n = (named & (true == 1)).sum(), (named & (true == 0)).sum(), (true == 1).sum()
        rows.append((name, hits / max(1, n), false / max(1, len(true)), 2 * hits / max(1, n + hits + false)))
    return pd.DataFrame(rows, columns=["rule", "found", "false", "micro_f1"]).round(6)
