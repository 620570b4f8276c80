"""One trial of a search, which any process can run."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.core.locking import waiting_for
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData, extract_features, prepare_data_once
from kerasinst.training.seeds import fit_seed

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
        figures: further figures by name: parameters, seconds and epochs.
        reason: why the trial failed.
        stopped: whether it was asked to stop, so that it is to be run again.
    """

    score: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    reason: str | None = None
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
                return Outcome(reason=str(error))
            except Exception as error:
                name = "" if isinstance(error, BadInput) else f"{type(error).__name__}: "
                return Outcome(reason=f"{name}{(str(error).strip().splitlines() or [''])[0][:300]}")

    def _train(self, trial: Trial) -> Outcome:
        """Trains the network of a trial."""
        if trial.goes_on_from:
            _copy_training(trial.goes_on_from, trial.folder)

        def on_epoch(row: dict) -> None:
            if self.on_epoch:
                self.on_epoch(row)
            if (trial.folder.parent / STOP).exists():
                raise _Stopped

        data = self.data or prepare_data_once(self.experiment)
        features = extract_features(trial.experiment, data, splits=SPLITS[:2], progress=self.progress)
        fitted = fit_seed(
            trial.experiment,
            data,
            features=features,
            seed=trial.experiment.training.seeds[0],
            state=trial.folder,
            last_epoch=trial.last_epoch,
            on_epoch=on_epoch,
            progress=self.progress,
        )
        figures = {
            "parameters": fitted.network.count_params(),
            "seconds": fitted.seconds,
            "epochs": len(fitted.history),
        }
        return Outcome(fitted.score, figures)


def _copy_training(source: Path, target: Path) -> None:
    """Copies the state of a training; its history comes last, as it says that the weights are there."""
    if (target / "history.csv").is_file():
        return
    for path in [*source.glob("epoch-*.npz"), source / "history.csv"]:
        with files.replacing(target / path.name) as temporary:
            shutil.copy(path, temporary)
