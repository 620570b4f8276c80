"""Scores a model on a data set, whatever the model was trained on."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import Clip, Collection, Segment
from kerasinst.evaluation.scored_table import scored_table
from kerasinst.experiment import QUICKSTART, Experiment, name_after
from kerasinst.features import PreparedData, cover_clips, segment_waveforms
from kerasinst.models.protocol import Model, RecordingModel
from kerasinst.runs import Run


@dataclass(frozen=True)
class ScoredData:
    """A data set with the scores of a model.

    Attributes:
        collection: clips that could be used.
        segments: segments of the clips, in the order of `table`.
        table: scores of the segments, see `segment_table`.
    """

    collection: Collection
    segments: list[Segment]
    table: pd.DataFrame


def score_data(
    model: Model,
    experiment: Experiment,
    *,
    chosen: Container[str] | None = None,
    adapt: Callable[[list[Clip], list[str]], list[Clip]] | None = None,
    progress: Progress = silent,
) -> ScoredData:
    """Scores all segments of a data set.

    Args:
        model: model that gives the scores.
        experiment: experiment that names the data set, and how its clips are cut.
        chosen: names of the clips that are scored; None scores all.
        adapt: gives clips labels of the model, from the clips and these labels; None leaves out clips with others.
        progress: shows the work that takes long.

    Raises:
        BadInput: if the data set cannot be read, or has none of the model's labels.
    """
    section, split, cut = experiment.dataset, experiment.split, experiment.audio
    clips = datasets.read_section(section, progress=progress)
    if chosen is not None:
        clips = [clip for clip in clips if clip.name in chosen]
    if adapt:
        clips = adapt(clips, model.labels)
    found = {label for clip in clips for label in clip.labels}
    if section.label_by == "pitch":  # of a clip with notes that the model does not know, the others are scored
        clips = datasets.relabel(clips, dict.fromkeys(found - set(model.labels)))
    known = sorted(found & set(model.labels))
    if not known:
        labels = ", ".join(model.labels)
        raise BadInput(f"{section.path}: no clip has one of the model's labels ({labels})")
    collection = datasets.collect(
        clips,
        known,
        min_seconds=section.min_seconds,
        sample_rate=cut.sample_rate,
        by=split.by,
        session_gap=split.session_gap,
        held_out=split.validation + split.test,
        progress=progress,
    )
    segments = cover_clips(collection.clips, collection.decoded, cut=cut)
    waveforms = segment_waveforms(segments, collection.decoded, cut=cut)
    shown = track(waveforms, "scoring clips", progress=progress, total=len(collection.clips))
    scores = np.concatenate([model.score(of_clip) for of_clip in shown])
    data = PreparedData(collection, {"test": segments}, cut)
    return ScoredData(collection, segments, scored_table(data, "test", scores=scores, labels=model.labels))


def unseen_clips(source: Run) -> set[str]:
    """Names the clips that the training of a run never saw.

    Raises:
        BadInput: if there are none.
    """
    if source.experiment().split.by == "segment":
        raise BadInput(f"{source.path}: was split by segment, so no clip is wholly unseen; give --data DIR")
    chosen = set(source.split().query("split == 'test'")["clip"])
    if not chosen:
        raise BadInput(f"{source.path}: has no test split; give --data DIR")
    return chosen


def validation_predictions(source: Run, model: Model) -> pd.DataFrame | None:
    """Reads the predictions for validation clips from the run of a model.

    Returns:
        Predictions of validation clips; None if the run is of another model, or had learned from parts of them.
    """
    if not source.finished or source.labels() != model.labels or source.experiment().split.by == "segment":
        return None
    return source.predictions().query("split == 'validation'")


def training_counts(source: Run) -> dict[str, float] | None:
    """Counts the training clips of each label of a run; None if there is none that can be read."""
    if not source.has("split"):
        return None
    named = source.split().query("split == 'train'")["labels"].str.split("|").explode()
    return named.value_counts().to_dict() or None


def experiment_on(
    source: Run, model: RecordingModel, *, data: str | Path | None, changes: Mapping[str, Any] | None = None
) -> Experiment:
    """Makes the experiment that scores a model on a data set.

    Args:
        source: run that the model lies in, or the folder of its file.
        model: model, which decides how recordings are cut.
        data: folder of the data set; None is the data of the run.
        changes: values of dotted keys, such as `{"dataset.reader": "folder"}`.

    Raises:
        BadInput: if there is neither a run nor a data set, or a key or value is wrong.
    """
    try:
        experiment = source.experiment()
    except BadInput:
        several = model.decision is not None and "argmax" not in model.decision.get_config()["rule"]
        task = "multi-label" if several else "single-label"
        experiment = Experiment.from_yaml(QUICKSTART).override({"task": task, "search": None})
        if data is None:
            raise BadInput(f"{source.path}: there is no experiment.yaml beside the model; give --data DIR") from None
    name = f"{experiment.name}-on-{name_after(data) if data else 'test'}"
    wanted = dict(changes or {})
    if data is not None:
        experiment = experiment.on_data(data, wanted.pop("dataset.reader", None)).override(
            {"dataset.labels": None, "dataset.most_clips": None}
        )
    audio = {
        "sample_rate": model.sample_rate,
        "segment_seconds": model.segment_samples / model.sample_rate,
        "hop_seconds": model.hop_samples / model.sample_rate,
        "trim_db": model.trim_db,
        "quiet_db": model.quiet_db,
        "label_seconds": model.label_seconds,
        "frame_seconds": model.frame_seconds,
    }
    return experiment.override({"name": name, "audio": audio, "search": None, **wanted})
