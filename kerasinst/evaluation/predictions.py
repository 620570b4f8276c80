"""Tables of predictions: of segments, and of clips, which are the mean of their segments."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

PER_LABEL = ("precision", "recall", "f1")


class LabelledSegment(Protocol):
    """What a segment must tell: its labels, its group and its clip's name."""

    labels: tuple[str, ...]
    group: str
    clip: object


def segment_table(
    segments: Iterable[LabelledSegment], split: str, *, scores: np.ndarray, labels: list[str]
) -> pd.DataFrame:
    """One row a segment, with scores of shape `(segments, labels)`."""
    rows = [(segment.clip.name, segment.group, "|".join(segment.labels), split) for segment in segments]
    about = pd.DataFrame(rows, columns=["clip", "group", "labels", "split"])
    return pd.concat([about, pd.DataFrame(scores.astype(np.float64), columns=labels)], axis=1)


def clip_level(table: pd.DataFrame) -> pd.DataFrame:
    """One row a clip and split: the mean of its segments' scores."""
    about = ["clip", "group", "labels", "split"]
    return table.groupby(about, sort=False, as_index=False).mean()


def tested(predictions: pd.DataFrame, split: pd.DataFrame) -> pd.DataFrame:
    """Predictions of test clips, by clip, with their groups; without a group where split.csv does not name the clip.

    Args:
        predictions: as predictions.csv holds them.
        split: as split.csv holds it.
    """
    known = split[split.split == "test"].drop_duplicates("clip").set_index("clip").group
    table = predictions[predictions.split == "test"].set_index("clip").sort_index()
    return table.assign(group=known.reindex(table.index))


def truth(table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
    """Which labels each row has, `(rows, labels)`, true or false."""
    column = {label: index for index, label in enumerate(labels)}
    found = np.zeros((len(table), len(labels)), bool)
    for row, named in zip(found, table.labels, strict=True):
        row[[column[label] for label in named.split("|") if label]] = True
    return found


def correct(
    table: pd.DataFrame, labels: list[str], *, task: str = "single-label", threshold: float = 0.5
) -> np.ndarray:
    """Whether each row is right: its best label is the true one, or, of several labels, all are judged rightly.

    Args:
        table: of segments or clips.
        labels: in the order of scores.
        task: "single-label" or "multi-label".
        threshold: from which a label of several counts as reported.
    """
    scores, true = table[labels].to_numpy(), truth(table, labels)
    if task == "single-label":
        return true[np.arange(len(table)), scores.argmax(axis=1)]
    return ((scores >= threshold) == true).all(axis=1)


def row(figures: dict[str, Any]) -> dict[str, float]:
    """What a table of models shows of the figures of each, see `measure`."""
    low, high = figures["accuracy_ci95"]
    names = ("macro_precision", "macro_recall", "macro_f1", "ece")
    interval = {"accuracy": figures["accuracy"], "accuracy_low": low, "accuracy_high": high}
    return {**interval, **{name: figures[name] for name in names}}


def by_label(labels: Sequence[str], precision, recall, f1, n) -> dict[str, dict[str, float]]:
    """Figures of each label, from arrays in the labels' order."""
    rows = zip(precision, recall, f1, strict=True)
    figures = [{name: round(float(value), 6) for name, value in zip(PER_LABEL, row, strict=True)} for row in rows]
    return {label: {**row, "n": int(count)} for label, row, count in zip(labels, figures, n, strict=True)}
