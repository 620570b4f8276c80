"""Distillation: targets are mixed with the scores of teachers."""

import warnings
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from kerasinst import classical
from kerasinst.core.errors import BadInput, suggest
from kerasinst.experiment.distill import DistillSection
from kerasinst.features import ShardedArray
from kerasinst.models import waveform_model as models
from kerasinst.runs import Run
from kerasinst.training.waveform_dataset import WaveformDataset

FOLDS = 5
"""Number of folds in which classical teachers are fitted."""


def check(section: DistillSection, task: str) -> None:
    """Refuses teachers that are neither a run nor, for tasks with one label, a classical model.

    Args:
        section: section of the experiment that names the teachers.
        task: "single-label" or "multi-label".

    Raises:
        BadInput: if a teacher is refused; the message names the nearest classical model.
    """
    for teacher in section.teachers:
        if teacher in classical.names() and task == "multi-label":
            raise BadInput(f"training.distill.teachers: {teacher} needs task: single-label; name a run")
        if teacher not in classical.names() and not _file(teacher).is_file():
            raise BadInput(
                f"training.distill.teachers: '{teacher}' is neither a run directory with a model.keras nor a classical "
                f"model; {suggest(teacher, classical.names())}"
            )


def soften(
    waveforms: WaveformDataset,
    features: np.ndarray | ShardedArray,
    *,
    labels: list[str],
    section: DistillSection,
    task: str,
) -> np.ndarray:
    """Mixes targets with the mean of the teachers' scores.

    Classical teachers are fitted out of fold, on the other groups of the training set, so that none scores a recording
    that it was fitted on. A run scores all segments as it is, so it should be a larger network, or one that was trained
    on other data.

    Args:
        waveforms: training segments with their targets, `(segments, labels)`.
        features: features of these segments, `(segments, frames, bins, channels)`.
        labels: names of the labels, in the order of scores.
        section: section of the experiment that gives teachers, weight and temperature.
        task: "single-label", where the targets of a segment sum to 1, or "multi-label".

    Returns:
        Softened targets, `(segments, labels)`.

    Raises:
        BadInput: if a teacher is no classical model and no run, or has other labels or segments.

    Source: Hinton et al., Distilling the Knowledge in a Neural Network, 2015; with soft targets in place of the sum of
        two losses, which has the same gradient at temperature 1.
    """
    check(section, task)
    scores = [
        _out_of_fold(teacher, waveforms, features) if teacher in classical.names() else _ask(teacher, waveforms, labels)
        for teacher in section.teachers
    ]
    mean, power = np.mean(scores, axis=0), 1 / section.temperature
    softened = mean**power
    softened /= softened.sum(axis=1, keepdims=True) if task == "single-label" else softened + (1 - mean) ** power
    return (section.weight * softened + (1 - section.weight) * waveforms.targets).astype("float32")


def _out_of_fold(name: str, waveforms: WaveformDataset, features: np.ndarray | ShardedArray) -> np.ndarray:
    """Scores segments by models that were fitted on other groups; gives targets where there is no such model."""
    statistics, targets = classical.summarize(features), waveforms.targets
    truth, groups = targets.argmax(axis=1), np.array([segment.group for segment in waveforms.segments])
    scores = targets.copy()
    n_folds = min(FOLDS, len(np.unique(groups)))
    if n_folds < 2:
        return scores
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a label has fewer groups than there are folds
        parts = list(folds.split(statistics, truth, groups))
    for others, own in parts:
        known = np.unique(truth[others])
        if len(known) < 2:
            continue
        fitted = classical.create(name).fit(statistics[others], truth[others])
        scores[own] = 0
        scores[np.ix_(own, known)] = fitted.predict_proba(statistics[own])
    return scores


def _ask(run: str, waveforms: WaveformDataset, labels: list[str]) -> np.ndarray:
    """Scores segments by the model of a run."""
    teacher = models.load(_file(run))
    cut = waveforms.cut
    if teacher.labels != labels:
        raise BadInput(f"training.distill: {run} knows {', '.join(teacher.labels)}, not {', '.join(labels)}")
    if (teacher.sample_rate, teacher.segment_samples) != (cut.sample_rate, cut.segment_samples):
        raise BadInput(
            f"training.distill: {run} hears {teacher.segment_samples} samples at {teacher.sample_rate} Hz, not "
            f"{cut.segment_samples} at {cut.sample_rate} Hz: use the same audio section"
        )
    parts = (range(first, min(first + 64, len(waveforms))) for first in range(0, len(waveforms), 64))
    return np.concatenate(
        [teacher.predict_on_batch(np.stack([waveforms.sample(row)[0] for row in part])) for part in parts]
    )


def _file(run: str) -> Path:
    """Gives the file of a run's model."""
    path = Path(run).expanduser()
    return Run(path).model_file if path.is_dir() else path
