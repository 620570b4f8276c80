"""Tables of predictions: of segments, and of clips, which are the mean of their segments."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pandas as pd


class Heard(Protocol):
    """What a segment must tell: its labels, its group and its clip's name."""

    labels: tuple[str, ...]
    group: str
    clip: object


def segment_table(segments: Iterable[Heard], split: str, scores: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """One row a segment, with scores of shape `(segments, labels)`."""
    rows = [(segment.clip.name, segment.group, "|".join(segment.labels), split) for segment in segments]
    about = pd.DataFrame(rows, columns=["clip", "group", "labels", "split"])
    return pd.concat([about, pd.DataFrame(scores.astype(np.float64), columns=labels)], axis=1)


def clip_level(table: pd.DataFrame) -> pd.DataFrame:
    """One row a clip and split: the mean of its segments' scores."""
    about = ["clip", "group", "labels", "split"]
    return table.groupby(about, sort=False, as_index=False).mean()
