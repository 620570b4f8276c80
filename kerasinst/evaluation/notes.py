"""Computes how well notes are heard, for networks whose labels are pitches."""

from typing import Any

import mir_eval.transcription
import mir_eval.util
import numpy as np
import pandas as pd

from kerasinst.datasets.pitches import BEGINS
from kerasinst.evaluation.intervals import bootstrap_ratio
from kerasinst.evaluation.predictions import reported, truth
from kerasinst.models.timeline import Timeline
from kerasinst.models.transcription import HeardNote, notes_of

NAMES = ("pitch_f1", "note_f1", "note_with_end_f1")
"""Names of the figures."""


def measure_notes(table: pd.DataFrame, labels: list[str], *, hop_seconds: float, seed: int = 0) -> dict[str, Any]:
    """Computes the F1 of pitches frame by frame, and of notes, matched by mir_eval.

    True notes are those that the frames can tell: they begin with a frame, and one that is struck again before its
    beginning is over is one note. So the figures cannot be compared with those that are made from notes themselves.

    Args:
        table: table of frames whose labels are those of `label_by_pitch`, the rows of each clip in the order of time.
        labels: labels in the order of scores.
        hop_seconds: length of a frame in seconds.
        seed: seed of the bootstrap.

    Returns:
        pitch_f1 (all frames and pitches together), note_f1 (pitch, and beginning within 50 ms), note_with_end_f1 (end
        within 50 ms or 20 % of the length, too), and their 95 % intervals by group, such as note_f1_ci95.

    Source: Bay, Ehmann and Downie, Evaluation of Multiple-F0 Estimation and Tracking Systems (ISMIR, 2009).

    Example:
        >>> measure_notes(frames, labels, hop_seconds=0.02)["note_f1"]
        0.74
    """
    true, named = truth(table, labels), reported(table, labels, task="multi-label")
    scores, pitches = table[labels].to_numpy(), np.array([not label.endswith(BEGINS) for label in labels])
    rows_of = list(table.groupby(["clip", "split"], sort=False).indices.values())
    counts = []
    for rows in rows_of:
        hits = 2 * (true[rows] & named[rows])[:, pitches].sum()
        everything = true[rows][:, pitches].sum() + named[rows][:, pitches].sum()
        starts = hop_seconds * np.arange(len(rows))
        reference, heard = (
            notes_of(Timeline(labels, starts, starts + hop_seconds, scores[rows], each[rows])) for each in (true, named)
        )
        both = len(reference) + len(heard)
        matched = [2 * _matched(reference, heard, offset_ratio=ratio) for ratio in (None, 0.2)]
        counts.append([(hits, everything), *((each, both) for each in matched)])
    groups = table.group.to_numpy()[[rows[0] for rows in rows_of]]
    figures: dict[str, Any] = {}
    for name, (above, below) in zip(NAMES, np.moveaxis(np.array(counts, float), 0, 2), strict=True):
        figures[name] = round(float(above.sum() / max(1, below.sum())), 6)
        figures[f"{name}_ci95"] = [round(end, 6) for end in bootstrap_ratio(above, below, groups=groups, seed=seed)]
    return figures


def _matched(reference: list[HeardNote], heard: list[HeardNote], *, offset_ratio: float | None) -> int:
    """Counts notes that match."""
    if not reference or not heard:
        return 0
    (spans, pitches), (heard_spans, heard_pitches) = (
        (
            np.array([(note.start, note.end) for note in notes]),
            mir_eval.util.midi_to_hz(np.array([note.pitch for note in notes])),
        )
        for notes in (reference, heard)
    )
    matches = mir_eval.transcription.match_notes(spans, pitches, heard_spans, heard_pitches, offset_ratio=offset_ratio)
    return len(matches)
