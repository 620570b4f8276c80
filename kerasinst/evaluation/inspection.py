"""Inspects a model: where it fails, how well its scores are calibrated, its bias, and how its mistakes sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.datasets import Collection
from kerasinst.evaluation.probes import bias, probes
from kerasinst.models.protocol import RecordingModel

WORST = 12
"""Number of mistakes whose audio is kept."""
ON_THE_SHEET = 30
"""Largest number of mistakes of each label on the error sheet."""
SECONDS = 10.0
"""Length in seconds to which the audio of each is cut."""


@dataclass(frozen=True)
class Inspection:
    """The findings of an inspection.

    Attributes:
        tables: tables by name: reliability (for single-label tasks) or operating_curve (for multi-label tasks), slices,
            segments_heard, mistakes and error_sheet.
        sounds: waveforms of the surest mistakes, by the names in the column `audio` of `mistakes`.
        figures: figures for metrics.json: probes, bias if the training clips are known, and calibration if there is a
            validation split.
    """

    tables: Mapping[str, pd.DataFrame]
    sounds: Mapping[str, np.ndarray]
    figures: Mapping[str, Any]


def inspect(
    model: RecordingModel,
    collection: Collection,
    *,
    segments: pd.DataFrame,
    clips: pd.DataFrame,
    task: str,
    validation: pd.DataFrame | None,
    prior: Mapping[str, float] | None,
    seed: int,
) -> Inspection:
    """Inspects the scores of a data set.

    Args:
        model: model that gave the scores.
        collection: clips of the data set.
        segments: table of segments with their scores, see `segment_table`, and what is reported of them.
        clips: table of clips, in the same form.
        task: "single-label" or "multi-label".
        validation: predictions to which a temperature is fitted, or None.
        prior: number of training clips of each label, or None if it is unknown.
        seed: seed of intervals and noise.
    """
    labels = model.labels
    durations = {name: {"seconds": round(fact.seconds, 3)} for name, fact in collection.decoded.facts.items()}
    facts = {clip.name: {**durations[clip.name], **clip.columns} for clip in collection.clips}
    mistakes = evaluation.mistakes(clips, labels, task=task)
    by_name = {clip.name: clip for clip in collection.clips}
    names = [f"{number:02d}.flac" for number in range(min(WORST, len(mistakes)))]
    mistakes["audio"] = [*names, *[""] * (len(mistakes) - len(names))]
    length = round(SECONDS * model.sample_rate)
    tables = {
        "slices": evaluation.accuracy_by_slice(clips, facts, labels=labels, task=task, seed=seed),
        "segments_heard": evaluation.by_segments_heard(segments, labels, task=task, decision=model.decision, seed=seed),
        "mistakes": mistakes,
        "error_sheet": _sheet(mistakes),
    }
    figures: dict[str, Any] = {"probes": probes(model, seed=seed)}
    if prior:
        figures["bias"] = bias(figures["probes"], prior)
    if task == "multi-label":
        tables["operating_curve"] = evaluation.operating_curve(segments, labels)
    if task == "single-label":
        scores = clips[labels].to_numpy()
        right = evaluation.correct(clips, labels)
        tables["reliability"] = evaluation.reliability(scores.max(axis=1), right)
        if validation is not None and len(validation):
            figures["calibration"] = _calibration(scores, right, validation, labels)
    sounds = {
        name: collection.decoded.waveform(by_name[clip])[:length]
        for name, clip in zip(names, mistakes["clip"], strict=False)
    }
    return Inspection(tables, sounds, figures)


def _calibration(
    scores: np.ndarray, right: np.ndarray, validation: pd.DataFrame, labels: list[str]
) -> dict[str, float]:
    """Fits a temperature to validation clips, and measures the calibration of scores before and after."""
    truth = validation["labels"].map(labels.index).to_numpy()
    temperature = evaluation.fit_temperature(validation[labels].to_numpy(), truth)
    mended = evaluation.at_temperature(scores, temperature).max(axis=1)
    return {
        "temperature": temperature,
        "ece": round(evaluation.expected_calibration_error(scores.max(axis=1), right), 6),
        "ece_at_temperature": round(evaluation.expected_calibration_error(mended, right), 6),
    }


def _sheet(mistakes: pd.DataFrame) -> pd.DataFrame:
    """Makes the form for a listener: the surest mistakes of each label."""
    surest = mistakes.groupby("labels", sort=False).head(ON_THE_SHEET)
    return surest[["clip", "labels", "predicted"]].assign(cause="", remark="")
