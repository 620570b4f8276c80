"""Fits a model's decision to the validation split, and applies it to tables of scores."""

from typing import Any

import numpy as np
import pandas as pd

from kerasinst.core.errors import BadInput
from kerasinst.decisions import Decision
from kerasinst.decisions.steps import Recording
from kerasinst.evaluation.predictions import clip_level, judged, truth
from kerasinst.experiment.decision import DecisionSection

DEFAULT_RULES: dict[str, dict[str, dict[str, Any]]] = {"single-label": {"argmax": {}}, "multi-label": {"threshold": {}}}
"""Rule of each task, for experiments that name none."""


def make_decision(
    section: DecisionSection, task: str, *, labels: list[str], hop_seconds: float = 1.0, by_frame: bool = False
) -> Decision:
    """Makes the decision that an experiment asks for.

    Args:
        section: section of the experiment that says how scores become labels.
        task: "single-label" or "multi-label".
        labels: labels in the order of scores.
        hop_seconds: distance from one segment to the next in seconds.
        by_frame: see `Decision`.

    Raises:
        BadInput: if an option of the decision is wrong, or names a label that is not there.
    """
    rule = section.rule or DEFAULT_RULES[task]
    try:
        return Decision(rule, section.steps, labels=labels, hop_seconds=hop_seconds, by_frame=by_frame)
    except BadInput as error:
        raise BadInput(f"decision: {error}") from None


def fit_decision(
    section: DecisionSection, task: str, *, validation: pd.DataFrame, labels: list[str], hop_seconds: float
) -> Decision:
    """Makes the decision that an experiment asks for, and fits it to the validation split.

    It decides frame by frame if the labels of segments are known, and by clip otherwise.

    Args:
        section: section of the experiment that says how scores become labels.
        task: "single-label" or "multi-label".
        validation: table of validation segments; nothing is fitted if it has no rows.
        labels: labels in the order of scores.
        hop_seconds: distance from one segment to the next in seconds.

    Raises:
        BadInput: if an option of the decision is wrong.
    """
    by_frame = task == "multi-label" and "whole" in validation
    decision = make_decision(section, task, labels=labels, hop_seconds=hop_seconds, by_frame=by_frame)
    if len(validation):
        decision.fit(recordings(level_of(validation), labels))
    return decision


def level_of(table: pd.DataFrame) -> pd.DataFrame:
    """Gives the table on whose rows a model decides: the same if the labels of segments are known, or that of clips.

    Args:
        table: table of segments, see `segment_table`.
    """
    return table if "whole" in table else clip_level(table)


def recordings(table: pd.DataFrame, labels: list[str]) -> list[Recording]:
    """Lists the scores and the truth of each clip.

    Args:
        table: table of segments or clips.
        labels: labels in the order of scores.
    """
    scores, known = table[labels].to_numpy(), np.where(judged(table, labels), truth(table, labels), np.nan)
    rows = table.groupby(["clip", "split"], sort=False).indices.values()
    return [Recording(scores[each], known[each]) for each in rows]


def decide(
    segments: pd.DataFrame, decision: Decision | None, *, labels: list[str], task: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Adds the column `reported` to a table of segments, and makes the table of their clips with the same column.

    Args:
        segments: table of segments, those of each clip in the order of time.
        decision: decision of the model, or None if it has none.
        labels: labels in the order of scores.
        task: "single-label", in which the best score is reported, so that there is no such column, or "multi-label".

    Returns:
        The table of segments, and the table of clips.
    """
    if task == "single-label" or decision is None:
        return segments, clip_level(segments)
    segments = _with_reported(segments.drop(columns="reported", errors="ignore"), decision, labels)
    clips = clip_level(segments)
    return segments, clips if decision.by_frame else _with_reported(clips, decision, labels)


def _with_reported(table: pd.DataFrame, decision: Decision, labels: list[str]) -> pd.DataFrame:
    """Adds what is reported of each row."""
    scores, names = table[labels].to_numpy(), np.array(labels, dtype=object)
    found = np.zeros(scores.shape, bool)
    for rows in table.groupby(["clip", "split"], sort=False).indices.values():
        found[rows] = decision(scores[rows])
    return table.assign(reported=["|".join(names[row]) for row in found])
