"""Makes tables of predictions of segments, and of clips, whose scores are the means of their segments'."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

PER_LABEL = ("precision", "recall", "f1")
"""Figures of each label."""


class NamedClip(Protocol):
    """A clip with a name."""

    @property
    def name(self) -> str:
        """Unique name of the clip."""
        ...


class LabelledSegment(Protocol):
    """A segment that knows its labels, its group and its clip."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the segment."""
        ...

    @property
    def group(self) -> str:
        """Group of the segment."""
        ...

    @property
    def clip(self) -> NamedClip:
        """Clip of the segment."""
        ...


def segment_table(
    segments: Iterable[LabelledSegment], split: str, *, scores: np.ndarray, labels: list[str]
) -> pd.DataFrame:
    """Makes a table with one row per segment.

    Args:
        segments: segments of one split.
        split: name of the split.
        scores: scores of shape `(segments, labels)`.
        labels: labels in the order of scores.

    Returns:
        Table with the columns clip, group, labels, split, and one for each label.
    """
    rows = [(segment.clip.name, segment.group, "|".join(segment.labels), split) for segment in segments]
    about = pd.DataFrame(rows, columns=["clip", "group", "labels", "split"])
    return pd.concat([about, pd.DataFrame(scores.astype(np.float64), columns=labels)], axis=1)


def clip_level(table: pd.DataFrame) -> pd.DataFrame:
    """Makes a table with one row per clip and split, whose scores are the means over its segments.

    Args:
        table: table of segments, see `segment_table`.
    """
    about = ["clip", "group", "labels", "split"]
    return table.groupby(about, sort=False, as_index=False).mean()


def select_test_clips(predictions: pd.DataFrame, split: pd.DataFrame) -> pd.DataFrame:
    """Selects the predictions of test clips, and adds their groups.

    Args:
        predictions: table of clips, as predictions.csv holds it.
        split: table of the split, as split.csv holds it.

    Returns:
        Predictions indexed and sorted by clip; the group of a clip that `split` does not name is missing.
    """
    known = split[split.split == "test"].drop_duplicates("clip").set_index("clip").group
    table = predictions[predictions.split == "test"].set_index("clip").sort_index()
    return table.assign(group=known.reindex(table.index))


def truth(table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
    """Tells which labels each row has.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.

    Returns:
        Booleans of shape `(rows, labels)`.
    """
    column = {label: index for index, label in enumerate(labels)}
    found = np.zeros((len(table), len(labels)), bool)
    for row, named in zip(found, table.labels, strict=True):
        row[[column[label] for label in named.split("|") if label]] = True
    return found


def correct(
    table: pd.DataFrame, labels: list[str], *, task: str = "single-label", threshold: float = 0.5
) -> np.ndarray:
    """Tells which rows are right.

    In a single-label task, the label with the best score must be a true one. In a multi-label task, the scores of all
    labels must be on the right side of the threshold.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
        task: "single-label" or "multi-label".
        threshold: smallest score of labels that are reported in a multi-label task.

    Returns:
        Booleans of shape `(rows,)`.
    """
    scores, true = table[labels].to_numpy(), truth(table, labels)
    if task == "single-label":
        return true[np.arange(len(table)), scores.argmax(axis=1)]
    return ((scores >= threshold) == true).all(axis=1)


def metrics_row(figures: Mapping[str, Any]) -> dict[str, float]:
    """Selects the figures that tables of models show.

    Args:
        figures: figures as `measure` gives them.

    Returns:
        accuracy, accuracy_low, accuracy_high, macro_precision, macro_recall, macro_f1 and ece.
    """
    low, high = figures["accuracy_ci95"]
    names = ("macro_precision", "macro_recall", "macro_f1", "ece")
    interval = {"accuracy": figures["accuracy"], "accuracy_low": low, "accuracy_high": high}
    return {**interval, **{name: figures[name] for name in names}}


def by_label(
    labels: Sequence[str], precision: np.ndarray, *, recall: np.ndarray, f1: np.ndarray, n: np.ndarray
) -> dict[str, dict[str, float]]:
    """Collects the figures of each label.

    Args:
        labels: names of labels.
        precision: precision of each label, shape `(labels,)`.
        recall: recall of each label, shape `(labels,)`.
        f1: F1 of each label, shape `(labels,)`.
        n: number of rows with each label, shape `(labels,)`.
    """
    rows = zip(precision, recall, f1, strict=True)
    figures = [{name: round(float(value), 6) for name, value in zip(PER_LABEL, row, strict=True)} for row in rows]
    return {label: {**row, "n": int(count)} for label, row, count in zip(labels, figures, n, strict=True)}
