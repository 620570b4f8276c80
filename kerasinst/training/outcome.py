"""What a training leaves behind: the model of the best seed, its history, its predictions and its metrics."""

import hashlib
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from kerasinst import evaluation, frontends, networks
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.frontends.scaling import Scaling
from kerasinst.model import WaveformModel
from kerasinst.training import augmentations
from kerasinst.training.data import Data
from kerasinst.training.features import features
from kerasinst.training.fit import Fitted, fit
from kerasinst.training.sharded import Sharded


@dataclass(frozen=True)
class Pictures:
    """Features of a data set by one front end, and the scaling learned from the training ones."""

    frontend: keras.layers.Layer
    scaling: Scaling | None
    features: dict[str, Sharded]


@dataclass(frozen=True)
class Outcome:
    """Everything that `train` writes; `predictions` are of clips of the validation and test splits."""

    model: WaveformModel
    history: pd.DataFrame
    predictions: pd.DataFrame
    metrics: dict[str, Any]


def check(experiment: Experiment, data: Data) -> None:
    """Builds front end, network and augmentations once, before any work is put into them.

    Raises:
        BadInput: if an option of one of them, or the length of a segment, is not allowed.
    """
    _build(experiment, frontend_of(experiment), len(data.labels))
    augmentations.create_all(experiment.training.augment)


def check_trainable(experiment: Experiment, data: Data) -> None:
    """Checks what `check` does, and that the labels suit the task.

    Raises:
        BadInput: if they do not.
    """
    check(experiment, data)
    for split in SPLITS:
        data.targets(split)


def draw(experiment: Experiment, data: Data, splits: Sequence[str] = SPLITS) -> Pictures:
    """Computes the pictures of the given splits, or finds them in the cache.

    Raises:
        BadInput: if the front end's options or the length of a segment are not allowed.
    """
    frontend = frontend_of(experiment)
    pictures = {
        split: features(
            data.segments[split],
            data.collection.decoded,
            experiment.audio,
            frontend,
            f"{experiment.frontend.name} of {split}",
        )
        for split in splits
        if data.segments[split]
    }
    scaling = None
    if experiment.frontend.scaling != "none":
        scaling = Scaling(experiment.frontend.scaling)
        scaling.adapt(pictures["train"])
    return Pictures(frontend, scaling, pictures)


def frontend_of(experiment: Experiment) -> keras.layers.Layer:
    """The front end that an experiment asks for.

    Raises:
        BadInput: if one of its options is not allowed.
    """
    section = experiment.frontend
    options = {"sample_rate": experiment.audio.sample_rate, **section.options}
    return frontends.create(section.name, preset=section.preset, **options)


def _build(experiment: Experiment, frontend: keras.layers.Layer, n_labels: int) -> keras.Model:
    """The untrained network of an experiment."""
    section = experiment.network
    shape = frontends.picture_shape(frontend, experiment.audio.segment_samples)
    return networks.create(section.name, shape, n_labels, **section.options)


def fit_once(
    experiment: Experiment, data: Data, pictures: Pictures, seed: int, state: Path, on_epoch: Callable[[dict], None]
) -> Fitted:
    """Trains the network of an experiment with one seed; see `fit`."""
    return fit(
        lambda: _build(experiment, pictures.frontend, len(data.labels)),
        pictures.scaling,
        experiment.training,
        (pictures.features["train"], data.targets("train")),
        (pictures.features["validation"], data.targets("validation")),
        seed,
        state,
        on_epoch,
    )


def fit_seeds(
    experiment: Experiment, data: Data, state: Path, on_epoch: Callable[[dict], None] = lambda row: None
) -> Outcome:
    """Trains with every seed, keeps the one with the best validation score and evaluates each once on test.

    Raises:
        BadInput: if front end or network cannot be built as asked.
        Diverged: if a training's loss is no number.
    """
    pictures = draw(experiment, data)
    own = state / hashlib.sha256(experiment.to_yaml().encode()).hexdigest()[:12]  # `train` and `search` differ here
    sign = -1 if experiment.training.monitor == "val_loss" else 1
    fits, tables = [], []
    for seed in experiment.training.seeds:
        fitted = fit_once(experiment, data, pictures, seed, own / f"seed-{seed}", on_epoch)
        fits.append(fitted)
        tables.append(_predict(fitted, data, pictures))
    best = max(range(len(fits)), key=lambda index: sign * fits[index].score)
    cut = experiment.audio
    model = WaveformModel(
        pictures.frontend, pictures.scaling, fits[best].network, data.labels, cut.sample_rate, cut.segment_samples
    )
    metrics = {
        "split": "test" if data.segments["test"] else None,
        "task": experiment.task,
        "protocol": "segment" if experiment.split.by == "segment" else "group",
        "n_clips": int(tables[best].query("split == 'test'")["clip"].nunique()),
        **_measure(tables[best], data.labels),
        "parameters": fits[best].network.count_params(),
        "seconds_to_train": round(sum(fitted.seconds for fitted in fits), 3),
        experiment.training.monitor: fits[best].score,
        **_spread(experiment.training.seeds, tables, data.labels),
    }
    history = pd.concat([fitted.history for fitted in fits], ignore_index=True)
    return Outcome(model, history, evaluation.clip_level(tables[best]), metrics)


def _predict(fitted: Fitted, data: Data, pictures: Pictures) -> pd.DataFrame:
    """Scores of all validation and test segments."""
    layers = [layer for layer in (pictures.scaling, fitted.network) if layer]
    scorer = keras.Sequential(layers)
    return pd.concat(
        [
            evaluation.segment_table(
                data.segments[split],
                split,
                _scores(scorer, pictures.features[split]),
                data.labels,
            )
            for split in ("validation", "test")
            if data.segments[split]
        ],
        ignore_index=True,
    )


def _scores(scorer: keras.Model, features: Sharded, chunk: int = 1024) -> np.ndarray:
    parts = (features[first : first + chunk] for first in range(0, len(features), chunk))
    return np.concatenate([scorer.predict(part, verbose=0) for part in parts])


def _measure(table: pd.DataFrame, labels: list[str]) -> dict[str, Any]:
    test = table[table.split == "test"]
    return evaluation.evaluate(test, labels) if len(test) else {}


def _spread(seeds: list[int], tables: list[pd.DataFrame], labels: list[str]) -> dict[str, Any]:
    """Clip-level test figures of each seed, their mean and standard deviation."""
    measured = [_measure(table, labels) for table in tables]
    if len(seeds) == 1 or not measured[0]:
        return {}
    rows = [
        {"seed": seed, **{name: figures["clip"][name] for name in ("accuracy", "macro_f1")}}
        for seed, figures in zip(seeds, measured, strict=True)
    ]
    over_seeds = {
        name: {
            "mean": round(statistics.mean(row[name] for row in rows), 6),
            "standard_deviation": round(statistics.stdev(row[name] for row in rows), 6),
        }
        for name in ("accuracy", "macro_f1")
    }
    return {"seeds": rows, "over_seeds": over_seeds}
