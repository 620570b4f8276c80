"""Trials that take no time, and searches over them, for tests of the search itself."""

from concurrent.futures import Future
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pandas as pd

from kerasinst.training.fit import Fitted
from kerasinst.tuning import search, trial
from kerasinst.tuning.examination import Examined

SPACE = {
    "network.dropout": {"float": {"min": 0.0, "max": 0.5}},
    "training.learning_rate": {"float": {"min": 0.001, "max": 0.1, "sampling": "log"}},
    "training.batch_size": {"choice": [4, 8, 16]},
    "network.blocks": {"int": {"min": 1, "max": 3}},
}
"""A space of four keys, all of which decide the score."""
SMALL = {
    "network.dropout": {"float": {"min": 0.0, "max": 0.4, "step": 0.1}},
    "network.blocks": {"int": {"min": 1, "max": 3}},
}
"""A space of 15 combinations."""
DATA = SimpleNamespace(
    labels=["a", "b"],
    segments={"train": [], "validation": [SimpleNamespace(group=name) for name in ("one", "one", "other")]},
)
"""Data on which nothing is trained."""


def score(experiment, epochs: int) -> float:
    """A score that grows with the epochs, towards a value that each key decides."""
    options, training = experiment.network.options, experiment.training
    best = 1 - abs(options["dropout"] - 0.2) - 0.1 * options["blocks"] - 0.01 * abs(training.batch_size - 8)
    return best - abs(np.log10(training.learning_rate) + 2) / 10 - 1 / (2 + epochs)


def fit_seed(experiment, data, *, seed, state, last_epoch=None, **options):
    """Writes the files of a training, and goes on where it was; the patched `fit_seed` of trials."""
    state.mkdir(parents=True, exist_ok=True)
    history, epochs = state / "history.csv", last_epoch or experiment.training.epochs
    done = len(pd.read_csv(history)) if history.is_file() else 0
    if 0 < done < epochs and not (state / f"epoch-{done}.npz").is_file():
        raise FileNotFoundError(f"{state}: the weights are gone")
    fit_seed.epochs += max(0, epochs - done)
    epochs = max(epochs, done)
    numbers = range(1, epochs + 1)
    scores = [score(experiment, number) for number in numbers]
    table = pd.DataFrame({"seed": seed, "epoch": numbers, experiment.training.monitor: scores, "seconds": 1.0})
    table.to_csv(history, index=False)
    (state / f"epoch-{epochs}.npz").touch()
    network = SimpleNamespace(count_params=lambda: 100 * experiment.network.options["blocks"])
    return Fitted(network, table, max(scores), float(epochs), seed)


fit_seed.epochs = 0


def examine(experiment, fitted, *, data, **options):
    """The score of a training that nobody made, for patched trials."""
    return Examined(
        fitted.score, np.ones(len((data or DATA).segments["validation"])), {"parameters": fitted.network.count_params()}
    )


@contextmanager
def workers(monkeypatch, size: int, seed: int = 0):
    """Lets searches run on workers that end in any order, of which one ends whenever the search looks at them."""
    pending, random = [], np.random.default_rng(seed)

    class Pool:
        elsewhere = True

        def __init__(self, function):
            self.function, self.size = function, size

        def submit(self, item):
            future = Future()
            pending.append((future, self.function, item))
            return future

        def close(self):
            pass

    def end_one(folders):
        if pending:
            future, function, item = pending.pop(random.integers(len(pending)))
            future.set_result(function(item))

    @contextmanager
    def pool(function):
        yield Pool(function)

    with monkeypatch.context() as patch:
        patch.setattr(search.parallel, "pool", pool)
        patch.setattr(search, "GLANCE", 0.001)
        yield end_one


def tune(experiment, directory, **options):
    """Searches; gives the best experiment and the leaderboard."""
    boards = []
    best = search.tune(experiment, DATA, directory=directory, on_trial=[boards.append], **options)
    return best, boards[-1]


def simulate(monkeypatch):
    """Replaces the training of trials."""
    monkeypatch.setattr(trial, "fit_seed", fit_seed)
    monkeypatch.setattr(trial, "examine", examine)
    monkeypatch.setattr(trial, "extract_features", lambda *arguments, **options: None)
    monkeypatch.setattr(trial, "prepare_data_once", lambda experiment: DATA)
