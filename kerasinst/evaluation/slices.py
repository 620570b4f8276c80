"""Computes the accuracy of slices of clips: by duration, by what a reader knows of them, and by how much is heard."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from kerasinst.decisions import Decision
from kerasinst.evaluation.deciding import decide
from kerasinst.evaluation.intervals import bootstrap_accuracy
from kerasinst.evaluation.predictions import correct

MOST_VALUES = 12
"""Largest number of different values that are shown as they are; further numbers are divided into quarters."""


def accuracy_by_slice(
    clips: pd.DataFrame,
    facts: Mapping[str, Mapping[str, object]],
    *,
    labels: list[str],
    task: str = "single-label",
    seed: int = 0,
) -> pd.DataFrame:
    """Computes the accuracy of clips that have something in common.

    Args:
        clips: table of clips, see `clip_level`.
        facts: facts about each clip, by its name, such as `{"a.wav": {"pitch": 60, "dynamics": "forte"}}`.
        labels: labels in the order of scores.
        task: "single-label" or "multi-label".
        seed: seed of the bootstrap.

    Returns:
        One row for each fact and value (or quarter of values) with n, accuracy, accuracy_low and accuracy_high. Facts
        with one value, or with more than 12 texts, are left out.

    Example:
        >>> seconds = {name: {"seconds": 2.1} for name in table["clip"]}
        >>> accuracy_by_slice(table, seconds, labels=["cello", "flute"]).empty
        True
    """
    known = pd.DataFrame([facts.get(name, {}) for name in clips["clip"]])
    right, groups = correct(clips, labels, task=task), clips.group.to_numpy()
    rows = []
    for fact in known:
        for value, where in _parts(known[fact]):
            if not where.any():
                continue  # a quarter between equal numbers
            low, high = bootstrap_accuracy(right[where], groups[where], seed=seed)
            rows.append((fact, value, int(where.sum()), right[where].mean(), low, high))
    columns = ["fact", "value", "n", "accuracy", "accuracy_low", "accuracy_high"]
    return pd.DataFrame(rows, columns=columns).round(6)


def _parts(column: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yields values, or quarters of values, and the rows that have them."""
    different = column.dropna().unique()
    numeric = pd.api.types.is_numeric_dtype(column)
    if len(different) < 2 or (len(different) > MOST_VALUES and not numeric):
        return
    if len(different) <= MOST_VALUES:
        for value in sorted(different, key=lambda each: (str(type(each)), each)):
            yield str(value), (column == value).to_numpy()
    else:
        quarters = pd.qcut(column, 4, duplicates="drop")
        for quarter in quarters.cat.categories:
            yield (
                f"{column[quarters == quarter].min():g} to {column[quarters == quarter].max():g}",
                (quarters == quarter).to_numpy(),
            )


def by_segments_heard(
    segments: pd.DataFrame,
    labels: list[str],
    *,
    task: str = "single-label",
    decision: Decision | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Computes the accuracy of clips if only their first segments are heard.

    Args:
        segments: table of segments in the order of time, see `segment_table`.
        labels: labels in the order of scores.
        task: "single-label" or "multi-label".
        decision: decision of the model, for multi-label tasks.
        seed: seed of the bootstrap.

    Returns:
        One row for 1, 2, 4, 8 ... segments with clips_that_long, accuracy, accuracy_low and accuracy_high. Shorter
        clips are heard as a whole.

    Example:
        >>> by_segments_heard(table, ["cello", "flute"]).accuracy.tolist()
        [0.7, 0.75, 0.8]
    """
    number = segments.groupby(["clip", "split"], sort=False).cumcount()
    rows, count = [], 1
    while True:
        _, clips = decide(segments[number < count], decision, labels=labels, task=task)
        right = correct(clips, labels, task=task)
        low, high = bootstrap_accuracy(right, clips.group.to_numpy(), seed=seed)
        rows.append((count, int((number == count - 1).sum()), right.mean(), low, high))
        if count > number.max():
            break
        count *= 2
    return pd.DataFrame(
        rows, columns=["segments", "clips_that_long", "accuracy", "accuracy_low", "accuracy_high"]
    ).round(6)
