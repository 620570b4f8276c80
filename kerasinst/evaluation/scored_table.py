"""Makes the table of scores of a split, of segments or, if frames are scored one by one, of frames."""

from itertools import groupby

import numpy as np
import pandas as pd

from kerasinst import audio
from kerasinst.datasets import Segment
from kerasinst.evaluation.predictions import join_tables, segment_table
from kerasinst.features import PreparedData


def scored_table(data: PreparedData, split: str, *, scores: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """Makes a table with one row per segment of a split, or one row per frame of its clips.

    Args:
        data: prepared data.
        split: name of the split.
        scores: scores of its segments, `(segments, labels)` or `(segments, frames, labels)`. Frames in which segments
            overlap have the mean of their scores.
        labels: labels in the order of scores; those of the data are among them.

    Returns:
        The table, see `segment_table`.
    """
    segments = data.segments[split]
    if scores.ndim == 2:
        return segment_table(segments, split, scores=scores, labels=labels)
    truth = data.targets(split, "multi-label") > 0
    parts, first = [], 0
    for _, of_clip in groupby(segments, key=lambda segment: segment.clip):
        each = list(of_clip)
        rows = slice(first, first + len(each))
        parts.append(_of_clip(data, each, scores[rows], truth[rows], labels).assign(split=split))
        first += len(each)
    if not parts:
        return segment_table([], split, scores=np.zeros((0, len(labels))), labels=labels)
    table = join_tables(parts)
    # without notes, nobody knows in which of its frames a clip's labels sound
    return table if any(segment.clip.notes for segment in segments) else table.drop(columns="whole")


def _of_clip(
    data: PreparedData, segments: list[Segment], scores: np.ndarray, truth: np.ndarray, labels: list[str]
) -> pd.DataFrame:
    """Makes the rows of a clip's frames."""
    clip, cut = segments[0].clip, data.cut
    frame = cut.segment_seconds / scores.shape[1]
    total = int(np.ceil(data.collection.decoded.facts[clip.name].seconds / frame - 1e-6))
    offsets = np.rint(np.array([segment.start for segment in segments]) / (cut.sample_rate * frame)).astype(int)
    joined = audio.stitch(scores, offsets, total=total)
    sounds = audio.stitch(truth, offsets, total=total) > 0
    names = np.array(data.labels, dtype=object)
    about = {
        "clip": clip.name,
        "group": clip.group,
        "labels": ["|".join(names[row]) for row in sounds],
        "split": "",
        "whole": "|".join(clip.labels),
    }
    unjudged = [label for label in clip.unknown if label in labels]
    table = pd.DataFrame({**about, **({"unjudged": "|".join(unjudged)} if unjudged else {})}, index=range(total))
    return pd.concat([table, pd.DataFrame(joined, columns=labels)], axis=1)
