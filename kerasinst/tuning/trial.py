"""One trial of a search, which any process can run."""

import hashlib
import json
import os
import shutil
import socket
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import keras
import numpy as np

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.core.locking import waiting_for
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData, extract_features, prepare_data_once
from kerasinst.training.fit import Fitted
from kerasinst.training.seeds import fit_seed
from kerasinst.tuning.costs import NetworkCosts
from kerasinst.tuning.examination import Examined, examine
from kerasinst.tuning.repeats import Repeat, repeats, training_folders

COSTS_FOLDER = "costs"
"""Name of the folder beside the trials for what networks cost."""
QUALITY = "validation.npy"
"""Name of the file that says how right each validation segment of a trial is."""
STOP = "stop"
"""Name of the file beside the trials that asks those that run to stop after their epoch."""


@dataclass(frozen=True)
class Trial:
    """What a worker needs to run a trial.

    Attributes:
        experiment: experiment with the values of the trial, its number of epochs and one seed.
        folder: folder for what a killed trial needs to go on.
        last_epoch: number of epochs after which to stop, on the schedule of all of them; None trains all of them.
        goes_on_from: folder of an earlier trial whose weights this one goes on with, or None.
    """

    experiment: Experiment
    folder: Path
    last_epoch: int | None = None
    goes_on_from: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What came out of a trial.

    Attributes:
        score: value of the objective, or None if the trial failed.
        figures: further figures by name: costs, seconds, epochs and, of several trainings, the deviation of their
            scores.
        reason: why the trial failed.
        worker: process that ran it.
        stopped: whether it was asked to stop, so that it is to be run again.
    """

    score: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    reason: str | None = None
    worker: str = ""
    stopped: bool = False


class _Stopped(Exception):
    """The trial was asked to stop."""


@dataclass(frozen=True)
class TrialRunner:
    """Runs trials on one data set, in this process or in another one, which then prepares the data itself.

    Args:
        experiment: experiment that is searched.
        data: data that was prepared for it, or None.
        on_epoch: is called with each row of each trial's history, or None.
        progress: shows the computation of features.
    """

    experiment: Experiment
    data: PreparedData | None = None
    on_epoch: Callable[[dict], None] | None = None
    progress: Progress = silent

    def __reduce__(self) -> tuple[type, tuple[Experiment]]:
        """Leaves the data behind: another process reads it from the cache sooner than it would arrive."""
        return TrialRunner, (self.experiment,)

    def __call__(self, trial: Trial) -> Outcome:
        """Trains the network of a trial, or goes on where its training was killed.

        A trial that cannot be built, diverges or runs out of memory has failed; that is no error.

        Args:
            trial: the trial.

        Raises:
            OSError: if the disk is full, or files cannot be written, so that no other trial could run either.
        """
        with waiting_for(trial.folder):  # what a killed search left running on a cluster
            try:
                return self._train(trial)
            except _Stopped:
                return Outcome(stopped=True)
            except OSError:
                raise
            except ArithmeticError as error:
                return Outcome(reason=str(error), worker=_this_process())
            except Exception as error:
                name = "" if isinstance(error, BadInput) else f"{type(error).__name__}: "
                reason = f"{name}{(str(error).strip().splitlines() or [''])[0][:300]}"
                return Outcome(reason=reason, worker=_this_process())

    def _train(self, trial: Trial) -> Outcome:
        """Trains the network of a trial, as often as it is repeated."""
        if trial.goes_on_from:
            _copy_training(trial.goes_on_from, trial.folder)
        parts = [self._repeat(trial, repeat) for repeat in repeats(trial.experiment)]
        scores = [examined.score for _, examined in parts]
        _write_quality(trial.folder, [examined.quality for _, examined in parts], trial.experiment)
        figures = {
            **parts[0][1].costs,
            "seconds": sum(fitted.seconds for fitted, _ in parts),
            "epochs": max(len(fitted.history) for fitted, _ in parts),
        }
        if len(scores) > 1:
            figures["deviation"] = statistics.stdev(scores)
        search = trial.experiment.search
        if search and search.measure and keras.backend.backend() == "tensorflow":
            labels = (self.data or prepare_data_once(self.experiment)).labels
            figures |= NetworkCosts(len(labels), trial.folder.parent / COSTS_FOLDER).of_file(trial.experiment)
        return Outcome(statistics.fmean(scores), figures, worker=_this_process())

    def _repeat(self, trial: Trial, repeat: Repeat) -> tuple[Fitted, Examined]:
        """Trains and examines the network of a trial once."""

        def on_epoch(row: dict) -> None:
            if self.on_epoch:
                self.on_epoch(row)
            if (trial.folder.parent / STOP).exists():
                raise _Stopped

        data = repeat.data(self.data or prepare_data_once(self.experiment), trial.experiment)
        features = extract_features(trial.experiment, data, splits=SPLITS[:2], progress=self.progress)
        fitted = fit_seed(
            trial.experiment,
            data,
            features=features,
            seed=repeat.seed,
            state=trial.folder / repeat.folder,
            last_epoch=trial.last_epoch,
            structure=_structure(trial.experiment, data),
            on_epoch=on_epoch,
            progress=self.progress,
        )
        return fitted, examine(trial.experiment, fitted, data=data, features=features)


def _structure(experiment: Experiment, data: PreparedData) -> str:
    """Describes what decides the steps of a training, except for values of variables."""
    free = {"learning_rate", "batch_size", "epochs", "monitor", "patience", "seeds", "sampling"}
    content = experiment.model_dump(mode="json", include=set(experiment.__class__.model_fields) - {"search", "name"})
    content["training"] = {name: value for name, value in content["training"].items() if name not in free}
    heard = [(segment.clip.name, segment.start, segment.labels) for segment in data.segments["train"]]
    facts = json.dumps([content, data.labels, heard], sort_keys=True, default=str)
    return hashlib.sha256(facts.encode()).hexdigest()


def _copy_training(source: Path, target: Path) -> None:
    """Copies the states of a trial's trainings; their histories come last, as they say that the weights are there."""
    for training in training_folders(source):
        place = target / training.relative_to(source)
        if (place / "history.csv").is_file():
            continue
        for path in [*training.glob("epoch-*.npz"), training / "history.csv"]:
            with files.replacing(place / path.name) as temporary:
                shutil.copy(path, temporary)


def _write_quality(folder: Path, parts: list[np.ndarray], experiment: Experiment) -> None:
    """Writes how right the validation segments are: the mean over seeds, or one fold after the other."""
    together = np.concatenate if repeats(experiment)[0].n_folds else partial(np.mean, axis=0)
    with files.replacing(folder / QUALITY) as temporary:
        np.save(temporary, together(parts).astype(np.float32))


def _this_process() -> str:
    """Names this process and its machine."""
    return f"{socket.gethostname()}:{os.getpid()}"
