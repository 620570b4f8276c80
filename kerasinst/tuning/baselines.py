"""Classical models that compete in the leaderboard of a search."""

import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kerasinst import classical
from kerasinst.core import files
from kerasinst.core.progress import Progress, track
from kerasinst.evaluation.figures import figure, quality
from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData, extract_features
from kerasinst.runs.artifacts import BASELINE
from kerasinst.tuning.repeats import validation_parts
from kerasinst.tuning.trial import QUALITY

FORM = "statistics"
"""Form of the features to which the models are fitted."""


def fit_baselines(
    experiment: Experiment, data: PreparedData, *, folder: Callable[[str], Path], progress: Progress
) -> list[dict[str, Any]]:
    """Tunes classical models by cross-validation over training groups, and scores them on the validation segments.

    Args:
        experiment: experiment with a search section.
        data: data that was prepared for the experiment.
        folder: gives the folder of a model by its name; what is there already is kept.
        progress: shows the models that are done.

    Returns:
        A row of the leaderboard for each model.

    Raises:
        BadInput: if there are too few groups.
    """
    parts = validation_parts(data, experiment)
    for number, part in enumerate(parts):
        places = {name: folder(name) / f"part-{number}.npz" for name in classical.names()}
        missing = {name: place for name, place in places.items() if not place.is_file()}
        if missing:
            _fit(missing, experiment, part, progress=progress)
    return [{"trial_id": name, "status": BASELINE, **_summary(folder(name), len(parts))} for name in classical.names()]


def _fit(places: Mapping[str, Path], experiment: Experiment, part: PreparedData, *, progress: Progress) -> None:
    """Fits models on the training segments, and writes how each does on the validation segments once it is fitted."""
    asked = experiment.search.figure if experiment.search else "val_accuracy"
    features = extract_features(experiment, part, splits=("train", "validation"), progress=progress)
    fitted = classical.fit_models(
        list(places),
        [FORM],
        features={split: features.scaled(split) for split in ("train", "validation")},
        targets=part.targets("train", experiment.task),
        labels=part.labels,
        task=experiment.task,
        seed=experiment.training.seeds[0],
        groups=np.array([segment.group for segment in part.segments["train"]]),
        tune=True,
    )
    targets = part.targets("validation", experiment.task)
    for model in track(fitted, "tuning classical models", progress=progress, total=len(places)):
        scores = model.scores["validation"]
        score = figure(asked, targets, scores=scores, task=experiment.task)
        right = quality(targets, scores=scores, task=experiment.task).astype(np.float32)
        with files.replacing(places[model.name]) as temporary:
            np.savez(temporary, score=score, seconds=model.seconds, quality=right)


def _summary(folder: Path, n_parts: int) -> dict[str, float]:
    """Gives the columns of a model over all parts, and writes how right each validation segment is."""
    parts = []
    for number in range(n_parts):
        with np.load(folder / f"part-{number}.npz") as part:
            parts.append({name: part[name] for name in part.files})
    with files.replacing(folder / QUALITY) as temporary:
        np.save(temporary, np.concatenate([part["quality"] for part in parts]))
    scores = [float(part["score"]) for part in parts]
    row = {"score": statistics.fmean(scores), "seconds": round(sum(float(part["seconds"]) for part in parts), 3)}
    return {**row, "deviation": statistics.stdev(scores)} if len(scores) > 1 else row
