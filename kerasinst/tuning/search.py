"""The search for hyperparameters: an oracle is asked for trials, workers train them, and it is told the scores."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import pandas as pd
from keras_tuner.engine.trial import Trial as OracleTrial
from keras_tuner.engine.trial import TrialStatus

from kerasinst.core import console, interrupts, parallel
from kerasinst.core.errors import BadInput, Diverged, Failed
from kerasinst.core.locking import LOCK
from kerasinst.core.progress import Progress, silent
from kerasinst.core.worker_pools import Pool, WorkerDied
from kerasinst.experiment import Experiment
from kerasinst.experiment.search import SearchSection
from kerasinst.features import PreparedData
from kerasinst.runs.artifacts import BASELINE
from kerasinst.tuning import oracles
from kerasinst.tuning.baselines import fit_baselines
from kerasinst.tuning.costs import NetworkCosts
from kerasinst.tuning.halving import Halving
from kerasinst.tuning.leaderboard import leaderboard
from kerasinst.tuning.limits import MEASURED, Limits
from kerasinst.tuning.noise import BUDGET, Noise
from kerasinst.tuning.oracle import SearchOracle, TooManyRefusals
from kerasinst.tuning.repeats import repeats
from kerasinst.tuning.space import Space
from kerasinst.tuning.trial import COSTS_FOLDER, STOP, Outcome, Trial, TrialRunner

GLANCE = 0.5
"""Time between two looks at the trials that run in other processes, in seconds."""

Running = Callable[[dict[str, Path]], None]
"""Function that is called with the folders of the running trials, by trial id."""


def tune(
    experiment: Experiment,
    data: PreparedData,
    *,
    directory: Path,
    on_trial: Sequence[Callable[[pd.DataFrame], None]] = (),
    on_rejected: Sequence[Callable[[pd.DataFrame], None]] = (),
    on_running: Running = lambda folders: None,
    on_epoch: Callable[[dict], None] = lambda row: None,
    progress: Progress = silent,
) -> Experiment:
    """Runs the trials that are not done yet, where `parallel.backend` says.

    Args:
        experiment: experiment with a search section.
        data: data that was prepared for the experiment; the test split is not used.
        directory: folder of the trials; those found there are kept, and unfinished ones go on from their last epoch.
        on_trial: functions that are called with the leaderboard after each trial.
        on_rejected: functions that are called with the values that were refused, if there are limits.
        on_running: is called with the folders of the running trials, by trial id, after each epoch, or from time to
            time if they run in other processes.
        on_epoch: is called with each row of the history of a trial in this process.
        progress: shows the computation of features in this process.

    Returns:
        The experiment with the values of the best trial.

    Raises:
        BadInput: if the experiment has no search section, the space does not fit it, or limits refuse all of it.
        Diverged: if every trial failed.
        Failed: if workers cannot run trials at all.
    """
    search = experiment.search
    if search is None:
        raise BadInput("search: the experiment has no such section; say in it what may vary")
    _refuse_without_tensorflow(search)
    space = Space(search.space, experiment)
    limits = Limits(search.limits, space, costs=NetworkCosts(len(data.labels), directory / COSTS_FOLDER))
    oracle = _create_oracle(experiment, search, space, limits=limits)
    oracle.open(directory)
    (directory / STOP).unlink(missing_ok=True)
    noise = Noise(oracle, experiment, data=data)
    baselines = fit_baselines(experiment, data, folder=oracle.folder, progress=progress) if search.baselines else []
    halving = _create_halving(experiment, search, oracle)

    def tell() -> pd.DataFrame:
        board = leaderboard(oracle, space, objectives=search.objectives, noise=noise, baselines=baselines)
        for listener in on_trial:
            listener(board)
        for listener in on_rejected if limits.allowed else ():
            listener(limits.table(oracle.rejected))
        return board

    def after_epoch(row: dict) -> None:
        on_epoch(row)
        loop.glance()

    tell()
    with parallel.pool(TrialRunner(experiment, data, on_epoch=after_epoch, progress=progress)) as workers:
        make = _TrialMaker(experiment, search, space=space, oracle=oracle)
        loop = Loop(oracle, workers, make=make, on_end=tell, on_running=on_running, halving=halving)
        loop.run()
    best = _best(tell(), oracle, limits=limits)
    drawn = sum(not trial.hyperparameters.values.get("tuner/initial_epoch") for trial in oracle.ended())
    if drawn < search.trials:
        console.say(_ended_early(drawn, search.trials, space.size, rejected=len(oracle.rejected)))
    return space.experiment_with(best.hyperparameters.values)


def _best(board: pd.DataFrame, oracle: SearchOracle, *, limits: Limits) -> OracleTrial:
    """Returns the best trial of a leaderboard.

    Raises:
        BadInput: if limits refused all draws.
        Diverged: if all trials failed.
    """
    trials = board[board.status != BASELINE]
    if oracle.rejected and trials.empty:
        raise BadInput(limits.hopeless(oracle.rejected))
    if trials.score.isna().all():
        raise Diverged(f"all {len(trials)} trials failed; the first says: {trials.reason.iloc[0]}")
    return oracle.trials[trials.trial_id.iloc[0]]


def _refuse_without_tensorflow(search: SearchSection) -> None:
    """Refuses what needs TensorFlow on another backend, before any work."""
    measured = [name for name in search.objectives[1:] if name in MEASURED]
    measured += [f"limits.{name}" for name in MEASURED if getattr(search.limits, name) is not None]
    measured += [search.objectives[0]] if search.converted else []
    if measured and keras.backend.backend() != "tensorflow":
        raise BadInput(
            f"search: {measured[0]} needs TFLite files, which are made from TensorFlow, not {keras.backend.backend()}: "
            "unset KERAS_BACKEND"
        )


def _create_oracle(experiment: Experiment, search: SearchSection, space: Space, *, limits: Limits) -> SearchOracle:
    """Makes the oracle of a search, whose first trial is the experiment as it is written, if the space holds it."""
    if (search.oracle == "hyperband" or search.halving) and "training.epochs" in space.keys:
        name = "halving" if search.halving else "hyperband"
        raise BadInput(f"search.space: training.epochs: {name} sets the number of epochs itself; leave the key out")
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    return oracles.create(
        search.oracle,
        hyperparameters,
        objective=search.objectives[0],
        objectives=search.objectives,
        trials=search.trials,
        epochs=search.epochs or experiment.training.epochs,
        seed=experiment.training.seeds[0],
        as_written=space.as_written(),
        refusal=limits,
        **search.oracle_options,
    )


def _create_halving(experiment: Experiment, search: SearchSection, oracle: SearchOracle) -> Halving | None:
    """Makes what stops trials early, if the search asks for it."""
    if search.halving is None:
        return None
    epochs = search.epochs or experiment.training.epochs
    count = len(repeats(experiment))
    return Halving(search.halving, oracle, epochs=epochs, monitor=search.figure, trainings=count)


class _TrialMaker:
    """Makes what a worker needs of what an oracle gives."""

    def __init__(self, experiment: Experiment, search: SearchSection, *, space: Space, oracle: SearchOracle) -> None:
        self.experiment, self.space, self.oracle = experiment, space, oracle
        self.changes: dict[str, Any] = {
            "training.monitor": search.figure,
            **({"training.epochs": search.epochs} if search.epochs else {}),
        }

    def __call__(self, asked: OracleTrial) -> Trial:
        """Gives a trial: the experiment with the values, the search's epochs, and the objective as monitor.

        Raises:
            BadInput: if the experiment refuses the values together.
        """
        values = asked.hyperparameters.values
        earlier = values.get("tuner/trial_id")
        return Trial(
            self.space.experiment_with(values, self.changes),
            self.oracle.folder(asked.trial_id),
            last_epoch=values.get("tuner/epochs"),
            goes_on_from=self.oracle.folder(earlier) if earlier else None,
        )


@dataclass(frozen=True)
class _Running:
    """A trial that runs: what was asked for, what will come out, and after how many epochs it is compared, if ever."""

    asked: OracleTrial
    future: Future[Outcome]
    stop: int | None


class Loop:
    """Asks an oracle for trials as long as workers are free, and tells it what came out.

    Args:
        oracle: oracle that was opened.
        workers: workers that turn what `make` gives into an `Outcome`.
        make: makes what a worker needs of what the oracle gives.
        on_end: is called after each trial.
        on_running: is called with the folders of the running trials, by trial id, when they may have changed.
        halving: stops trials early, or None.
    """

    def __init__(
        self,
        oracle: SearchOracle,
        workers: Pool,
        *,
        make: Callable[[OracleTrial], Trial],
        on_end: Callable[[], object],
        on_running: Running,
        halving: Halving | None = None,
    ) -> None:
        self.oracle, self.workers, self.make, self.halving = oracle, workers, make, halving
        self.on_end, self.on_running = on_end, on_running
        self.running: dict[str, _Running] = {}
        self.numbers = count()
        self.stopped = False
        self.with_weights = {trial.trial_id for trial in oracle.ended()}
        self._remove_weights()

    def run(self) -> None:
        """Runs until the oracle has no more trials; Ctrl-C lets the running ones finish their epoch.

        Any other interruption leaves the oracle as it is, as a kill does.
        """
        with interrupts.deferred() if self.workers.elsewhere else nullcontext() as check:
            try:
                while self._ask():
                    if trial_id := self._next(check):
                        self._tell(trial_id)
            except interrupts.Asked:
                if self.workers.elsewhere:
                    self._stop()
                raise
        self._remove_weights(finished=True)

    def _ask(self) -> bool:
        """Starts trials while workers are free; tells whether any run."""
        while not self.stopped and self._busy() < self.workers.size:
            if self.halving and not self.halving.lets_begin:
                break
            try:
                asked = self.oracle.create_trial(f"worker-{next(self.numbers)}")
            except TooManyRefusals:
                self.stopped = True
                break
            if asked.status != TrialStatus.RUNNING:  # all are asked for, or the oracle waits for scores
                self.stopped = asked.status == TrialStatus.STOPPED
                break
            self._start(asked)
        return bool(self.running)

    def _start(self, asked: OracleTrial, done: int = 0) -> None:
        """Starts a trial, or lets it go on, until its end or until it is compared with others."""
        stop = self.halving.next_stop(asked.trial_id, done) if self.halving else None
        self.running[asked.trial_id] = _Running(asked, Future(), stop)
        self.glance()
        try:
            trial = self.make(asked)
            future = self.workers.submit(replace(trial, last_epoch=stop) if stop else trial)
            self.running[asked.trial_id] = _Running(asked, future, stop)
        except BadInput as error:
            self.running[asked.trial_id].future.set_result(Outcome(reason=str(error)))

    def _busy(self) -> int:
        """Counts the workers that no other trial may take yet.

        If what is drawn depends on scores, that of a trial which has ended is told first.
        """
        waits = self.oracle.told_in_order or not self.workers.elsewhere
        return sum(waits or not running.future.done() for running in self.running.values())

    def _next(self, check: Callable[[], None] | None) -> str | None:
        """Waits for the next trial of which the oracle may be told; calls `check` in between.

        Returns:
            Its id, or None if a worker has become free while its trial waits to be compared with others.
        """
        busy = self._busy()
        while True:
            if check:
                check()
            if trial_id := self._ready():
                return trial_id
            pending = [self.running[trial_id].future for trial_id in self._candidates()]
            wait([future for future in pending if not future.done()], GLANCE, FIRST_COMPLETED)
            self.glance()
            if self._busy() < busy:
                return self._ready()

    def _candidates(self) -> list[str]:
        """Lists the trials of which the oracle may be told next."""
        return list(self.running)[: 1 if self.oracle.told_in_order else None]

    def _ready(self) -> str | None:
        """Finds a trial whose worker has ended, and which waits for no other."""
        ended = (trial_id for trial_id in self._candidates() if self.running[trial_id].future.done())
        return next((trial_id for trial_id in ended if self._goes_on(trial_id) is not None), None)

    def _goes_on(self, trial_id: str) -> bool | None:
        """Tells whether a trial whose worker has ended goes on; None if others must come as far first."""
        running = self.running[trial_id]
        if self.halving is None or running.stop is None or running.future.exception():
            return False
        outcome = running.future.result()
        if outcome.score is None or outcome.figures["epochs"] < running.stop:  # it lost its patience
            return False
        if outcome.figures["epochs"] > running.stop:  # it went on before the search was killed
            return True
        return self.halving.goes_on(trial_id, running.stop)

    def _tell(self, trial_id: str) -> None:
        """Tells the oracle what came out of a trial, or lets the trial go on."""
        running = self.running[trial_id]
        if self._goes_on(trial_id):
            self._start(running.asked, running.stop or 0)
            return
        asked = running.asked
        try:
            outcome = running.future.result()
        except WorkerDied as error:
            outcome = Outcome(reason=str(error))
        except (OSError, Failed):
            raise
        except Exception as error:
            raise Failed(f"the workers cannot run trials ({type(error).__name__}: {error})") from error
        if outcome.stopped:
            raise Failed("a trial was asked to stop by another process")
        del self.running[trial_id]
        if outcome.score is not None:
            stopped = running.stop is not None and outcome.figures["epochs"] >= running.stop
            figures = {**outcome.figures, **({BUDGET: running.stop} if stopped else {})}
            for name in set(figures) - set(asked.metrics.metrics):
                asked.metrics.register(name, direction="min")
            self.oracle.update_trial(trial_id, {self.oracle.objective.name: outcome.score, **figures})
        asked.message = f"{outcome.worker}\n{outcome.reason or ''}"
        asked.status = TrialStatus.FAILED if outcome.score is None else TrialStatus.COMPLETED
        self.oracle.end_trial(asked)
        self.with_weights.add(trial_id)
        self._remove_weights()
        self.on_end()

    def _remove_weights(self, finished: bool = False) -> None:
        """Removes the weights of trials with which no other trial will go on."""
        for trial_id in list(self.with_weights):
            if finished or not self.oracle.needs_weights(trial_id):
                self.with_weights.remove(trial_id)
                for file in self.oracle.folder(trial_id).rglob("*"):
                    if file.suffix == ".npz" or file.name == LOCK:
                        file.unlink()

    def _stop(self) -> None:
        """Lets trials that run in other processes finish their epoch, and tells the oracle of those that have ended."""
        stop = self.oracle.folder("").parent / STOP
        stop.touch()
        wait([running.future for running in self.running.values()])
        stop.unlink(missing_ok=True)
        for trial_id in list(self.running):
            future = self.running[trial_id].future
            if not future.exception() and not future.result().stopped and self._goes_on(trial_id) is False:
                self._tell(trial_id)
            elif self.oracle.told_in_order:
                break

    def glance(self) -> None:
        """Shows the trials that run."""
        self.on_running({trial_id: self.oracle.folder(trial_id) for trial_id in self.running})


def _ended_early(done: int, asked: int, size: int | None, *, rejected: int) -> str:
    """Says why there are fewer trials than were asked for."""
    if rejected:
        return f"the search ends after {done} of {asked} trials: no other combination within the limits was found"
    if size is not None and done >= size:
        return f"the search ends after {done} of {asked} trials: the space has {size} combinations, and all are tried"
    of_all = f" of the {size} combinations" if size else ""
    return f"the search ends after {done} of {asked} trials: no new combination{of_all} was found"
