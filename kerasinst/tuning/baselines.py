"""Classical models that compete in the leaderboard of a search."""

import json
from collections.abc import Callable
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
    names = [name for name in classical.names() if not (folder(name) / "baseline.json").is_file()]
    if names:
        _fit(names, experiment, data, folder=folder, progress=progress)
    rows = [json.loads((folder(name) / "baseline.json").read_text(encoding="utf-8")) for name in classical.names()]
    return [{"trial_id": name, "status": BASELINE, **row} for name, row in zip(classical.names(), rows, strict=True)]


def _fit(
    names: list[str],
    experiment: Experiment,
    data: PreparedData,
    *,
    folder: Callable[[str], Path],
    progress: Progress,
) -> None:
    """Fits models on the training segments of each part, and writes how they do on the validation segments."""
    asked = experiment.search.figure if experiment.search else "val_accuracy"
    found: dict[str, list[tuple[float, np.ndarray, float]]] = {name: [] for name in names}
    for part in validation_parts(data, experiment):
        features = extract_features(experiment, part, splits=("train", "validation"), progress=progress)
        fitted = classical.fit_models(
            names,
            [FORM],
            features={"train": features.scaled("train"), "test": features.scaled("validation")},
            truth=np.array(part.labels)[part.targets("train").argmax(axis=1)],
            labels=part.labels,
            seed=experiment.training.seeds[0],
            groups=np.array([segment.group for segment in part.segments["train"]]),
        )
        targets = part.targets("validation")
        for model in track(fitted, "tuning classical models", progress=progress, total=len(names)):
            score = figure(asked, targets, scores=model.scores)
            found[model.name].append((score, quality(targets, scores=model.scores), model.seconds))
    for name, results in found.items():
        scores, right, seconds = zip(*results, strict=True)
        with files.replacing(folder(name) / QUALITY) as temporary:
            np.save(temporary, np.concatenate(right).astype(np.float32))
        row = {"score": float(np.mean(scores)), "seconds": round(sum(seconds), 3)}
        if len(scores) > 1:
            row["deviation"] = float(np.std(scores, ddof=1))
        files.write_json(folder(name) / "baseline.json", row)
