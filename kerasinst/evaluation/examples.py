"""Chooses clips to listen to: some that a model names rightly, and some that it mistakes."""

import numpy as np
import pandas as pd

from kerasinst.evaluation.predictions import correct, judged, reported, truth

COLUMNS = ("clip", "labels", "predicted", "off")
"""Columns of `mistakes`."""


def mistakes(clips: pd.DataFrame, labels: list[str], *, task: str = "single-label") -> pd.DataFrame:
    """Lists the clips that are named wrongly, the surest mistakes first.

    Args:
        clips: table of clips, see `clip_level`.
        labels: labels in the order of scores.
        task: "single-label" or "multi-label".

    Returns:
        One row per clip with clip, labels, predicted (labels joined by |, empty if there is none) and off, which is the
        largest difference between a score and the 0 or 1 that it should be.

    Example:
        >>> mistakes(table, ["cello", "flute"]).head(1).values
        array([['a.wav', 'cello', 'flute', 0.98]], dtype=object)
    """
    judged = _judged(clips, labels, task)
    wrong = judged[~judged.right].sort_values("off", ascending=False, kind="stable", ignore_index=True)
    return wrong[list(COLUMNS)]


def choose_examples(
    clips: pd.DataFrame, labels: list[str], *, task: str = "single-label", each: int = 5
) -> pd.DataFrame:
    """Chooses a few clips that are named rightly and a few that are not, of as many labels as possible.

    Args:
        clips: table of clips, see `clip_level`.
        labels: labels in the order of scores.
        task: "single-label" or "multi-label".
        each: number of clips of each kind.

    Returns:
        One row per clip with right, and the columns of `mistakes`. Right ones come first, and the surest come first
        among the clips of a label.

    Example:
        >>> choose_examples(table, ["cello", "flute"], each=1).right.tolist()
        [True, False]
    """
    judged = _judged(clips, labels, task)
    parts = []
    for right, rows in judged.groupby("right"):
        surest = rows.sort_values("off", ascending=bool(right), kind="stable")
        turn = surest.groupby("labels").cumcount()
        parts.append(surest.assign(turn=turn).sort_values("turn", kind="stable").head(each))
    chosen = pd.concat(parts[::-1]) if parts else judged
    return chosen[["right", *COLUMNS]].reset_index(drop=True)


def _judged(clips: pd.DataFrame, labels: list[str], task: str) -> pd.DataFrame:
    """Gives for each clip what is predicted, whether it is right, and how far the scores are off."""
    scores, true, known = clips[labels].to_numpy(), truth(clips, labels), judged(clips, labels)
    predicted = ["|".join(np.array(labels, dtype=object)[row]) for row in reported(clips, labels, task=task)]
    return pd.DataFrame(
        {
            "clip": clips["clip"].to_numpy(),
            "labels": clips.labels.to_numpy(),
            "predicted": predicted,
            "off": np.where(known, np.abs(true - scores), 0).max(axis=1, initial=0).round(6),
            "right": correct(clips, labels, task=task),
        }
    )
