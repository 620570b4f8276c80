"""Makes tables of predictions of segments, and of clips, whose scores are the means of their segments'."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

ABOUT = ["clip", "group", "labels", "split"]
"""Columns of every table."""
PER_LABEL = ("precision", "recall", "f1")
"""Figures of each label."""


THRESHOLD = 0.5
"""Smallest score of labels that are reported in a multi-label task, if the model has no decision of its own."""
EXTRA = ("whole", "unjudged", "reported")
"""Further columns that a table may have: the labels of the whole clip, if those of its segments differ, labels that
nobody judged, and labels that the model's decision reports. Each joins labels by |."""


class LabelledClip(Protocol):
    """A clip with a name and labels."""

    @property
    def name(self) -> str:
        """Unique name of the clip."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the clip."""
        ...

    @property
    def unknown(self) -> tuple[str, ...]:
        """Labels that nobody judged."""
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
    def clip(self) -> LabelledClip:
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
        Table with the columns clip, group, labels, split, those of `EXTRA` that are needed, and one for each label.
    """
    segments = list(segments)
    rows = [(segment.clip.name, segment.group, "|".join(segment.labels), split) for segment in segments]
    about = pd.DataFrame(rows, columns=ABOUT)
    if any(segment.labels != segment.clip.labels for segment in segments):
        about["whole"] = ["|".join(segment.clip.labels) for segment in segments]
    if any(segment.clip.unknown for segment in segments):
        known = set(labels)
        about["unjudged"] = ["|".join(each for each in segment.clip.unknown if each in known) for segment in segments]
    return pd.concat([about, pd.DataFrame(scores.astype(np.float64), columns=labels)], axis=1)


def join_tables(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Joins tables of segments of which some have columns of `EXTRA` that others do not need.

    Args:
        tables: at least one table, see `segment_table`.
    """
    joined = pd.concat(tables, ignore_index=True)
    for name, missing in (("whole", joined["labels"]), ("unjudged", "")):
        if name in joined:
            joined[name] = joined[name].where(joined[name].notna(), missing)
    return joined


def clip_level(table: pd.DataFrame) -> pd.DataFrame:
    """Makes a table with one row per clip and split, whose scores are the means over its segments.

    A clip has the labels of the whole clip. What is reported anywhere in a clip is reported of it.

    Args:
        table: table of segments, see `segment_table`.
    """
    kept = [name for name in ("whole", "unjudged") if name in table]
    if "whole" in table:
        table = table.assign(labels=table["whole"])
    by_clip = table.groupby([*ABOUT, *kept], sort=False, as_index=False)
    if "reported" not in table:
        return by_clip.mean()
    together = by_clip["reported"].agg(lambda named: "|".join(dict.fromkeys("|".join(filter(None, named)).split("|"))))
    return by_clip.mean(numeric_only=True).merge(together, on=[*ABOUT, *kept])


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
    return _marked(table["labels"], labels)


def _marked(named: Iterable[str], labels: Sequence[str]) -> np.ndarray:
    """Marks labels that are joined by |, as booleans of shape `(rows, labels)`."""
    column = {label: index for index, label in enumerate(labels)}
    rows = [each.split("|") if each else [] for each in named]
    found = np.zeros((len(rows), len(labels)), bool)
    for row, of_row in zip(found, rows, strict=True):
        row[[column[label] for label in of_row]] = True
    return found


def judged(table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
    """Tells of which labels of each row it is known whether they are there.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.

    Returns:
        Booleans of shape `(rows, labels)`.
    """
    if "unjudged" not in table:
        return np.ones((len(table), len(labels)), bool)
    return ~_marked(table["unjudged"], labels)


def reported(table: pd.DataFrame, labels: Sequence[str], *, task: str = "single-label") -> np.ndarray:
    """Tells which labels the model reports: those of the column `reported`, or what the scores of the row say.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
        task: "single-label", in which the best score is reported, or "multi-label", in which scores of at least
            `THRESHOLD` are, if there is no such column.

    Returns:
        Booleans of shape `(rows, labels)`.
    """
    if "reported" in table and task == "multi-label":
        return _marked(table["reported"], labels)
    scores = table[list(labels)].to_numpy()
    if task == "single-label":
        return scores.argmax(axis=1)[:, None] == np.arange(len(labels))
    return scores >= THRESHOLD


def correct(table: pd.DataFrame, labels: list[str], *, task: str = "single-label") -> np.ndarray:
    """Tells which rows are right.

    In a single-label task, the label with the best score must be a true one. In a multi-label task, exactly the true
    labels must be reported; labels that nobody judged do not count.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
        task: "single-label" or "multi-label".

    Returns:
        Booleans of shape `(rows,)`.
    """
    true, named = truth(table, labels), reported(table, labels, task=task)
    if task == "single-label":
        return (true & named).any(axis=1)
    return ((true == named) | ~judged(table, labels)).all(axis=1)


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
