"""What a search would do, before it is begun: samples of its space with their costs, and the time that it will take."""

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import pandas as pd

from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.experiment.limits import COSTS
from kerasinst.features import PreparedData, extract_features
from kerasinst.training.seeds import fit_seed
from kerasinst.tuning import oracles
from kerasinst.tuning.costs import NetworkCosts
from kerasinst.tuning.limits import Limits
from kerasinst.tuning.repeats import repeats
from kerasinst.tuning.space import Space

DRAWS = 100
"""Number of samples of which the share within the limits is computed."""
SAMPLES = 10
"""Number of samples that are shown."""
LEAST = 0.2
"""Share of the time of a training that does not depend on the size of the network, at least."""


@dataclass(frozen=True)
class Preview:
    """What a search would do.

    Attributes:
        size: number of combinations, or None if a key has a continuous range.
        samples: up to `SAMPLES` samples, of which the first is the experiment as written if the space holds it: costs,
            the limit that refuses it in the column "over", and the keys of the space.
        drawn: number of samples that were compared with the limits.
        within: number of these that no limit refuses.
        seconds: time that the trials take on this machine one after the other, about, or at most if they are halved.
    """

    size: int | None
    samples: pd.DataFrame
    drawn: int
    within: int
    seconds: float


def preview(experiment: Experiment, data: PreparedData, *, progress: Progress = silent) -> Preview:
    """Draws samples of a search space, computes their costs, and trains the experiment as it is written for two epochs.

    A trial is taken to need as much more time than that training as samples have more multiply-adds, on average.

    Args:
        experiment: experiment with a search section.
        data: data that was prepared for it.
        progress: shows how many samples are drawn.

    Raises:
        BadInput: if the experiment has no search section, or the space does not fit it.
    """
    search = experiment.search
    if search is None:
        raise BadInput(f"{experiment.name}: there is no search section to explain")
    space = Space(search.space, experiment)
    measures = search.measure and keras.backend.backend() == "tensorflow"
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        costs = NetworkCosts(len(data.labels), Path(folder) / "costs")
        limits = Limits(search.limits, space, costs=costs)
        for drawn in track(_draws(space, experiment), "drawing samples", progress=progress, total=DRAWS):
            rows.append(_row(drawn, space, costs=costs, limits=limits, measured=measures and len(rows) < SAMPLES))
        table = pd.DataFrame(rows, columns=[*COSTS, "over", *space.keys])
        seconds = _seconds_of_a_training(experiment, data, state=Path(folder) / "state", progress=progress)
    relative = table.multiply_adds.astype(float).mean() / costs.of_graph(experiment)["multiply_adds"]
    trainings = search.trials * len(repeats(experiment))
    seconds *= trainings * (LEAST + (1 - LEAST) * relative)
    return Preview(space.size, table.head(SAMPLES), len(table), int(table.over.isna().sum()), seconds)


def _draws(space: Space, experiment: Experiment) -> Iterator[dict[str, Any]]:
    """Draws samples at random, none twice; the first is the experiment as it is written."""
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    oracle = oracles.create(
        "random", hyperparameters, objective="val_accuracy", trials=DRAWS, epochs=1,
        seed=experiment.training.seeds[0], as_written=space.as_written(),
    )  # fmt: skip
    drawn = (oracle.draw() for _ in range(DRAWS))
    yield from itertools.takewhile(lambda values: values is not None, drawn)


def _row(drawn: dict[str, Any], space: Space, *, costs: NetworkCosts, limits: Limits, measured: bool) -> dict[str, Any]:
    """Gives the costs of a sample, the limit that refuses it, and its values; one that cannot be built has no costs."""
    values = space.values(drawn)
    try:
        experiment = space.experiment_with(drawn)
        known = costs.of_graph(experiment) | (costs.of_file(experiment) if measured else {})
    except BadInput:
        return {"over": "cannot be built", **values}
    refused = limits(drawn)
    return {**known, "over": refused["limit"] if refused else None, **values}


def _seconds_of_a_training(experiment: Experiment, data: PreparedData, *, state: Path, progress: Progress) -> float:
    """Trains for two epochs, and tells from them how long a trial would take; the first epoch compiles."""
    search = experiment.search
    epochs = search.epochs if search and search.epochs else experiment.training.epochs
    features = extract_features(experiment, data, splits=SPLITS[:2], progress=progress)
    seed = experiment.training.seeds[0]
    fitted = fit_seed(
        experiment.override({"training.epochs": max(epochs, 2)}), data, features=features, seed=seed, state=state,
        last_epoch=2, progress=progress,
    )  # fmt: skip
    first, second = fitted.history.seconds
    return float(first + (epochs - 1) * second)
