"""The search: keras-tuner draws, kerasinst trains, every finished trial is kept."""

import contextlib
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import keras_tuner
import numpy as np
import pandas as pd
from keras_tuner.engine.trial import TrialStatus
from keras_tuner.errors import FailedTrialError, FatalError

from kerasinst.core import console
from kerasinst.core.errors import BadInput, Diverged
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.features.prepared_data import Data
from kerasinst.training.fit import Fitted
from kerasinst.training.recipe import draw, fit_once
from kerasinst.tuning.space import Space

ORACLES = {"random": keras_tuner.oracles.RandomSearchOracle}


def tune(
    experiment: Experiment,
    data: Data,
    directory: Path,
    on_trial: Sequence[Callable[[pd.DataFrame], None]] = (),
    on_epoch: Callable[[dict], None] = lambda row: None,
) -> Experiment:
    """Runs the trials that are not done yet and gives the experiment with the best one's values.

    Args:
        experiment: with a search section.
        data: of which only training and validation are used.
        directory: keras-tuner's own; trials found there are kept, an unfinished one goes on from its last epoch.
        on_trial: each is given the leaderboard after each trial.
        on_epoch: is given each row of each trial's history.

    Raises:
        BadInput: if the space does not fit the experiment.
        Diverged: if every trial failed.
    """
    search = experiment.search
    space = Space(search.space, experiment)
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    training = {"training.monitor": search.objective, "training.seeds": experiment.training.seeds[:1]}
    if search.epochs:
        training["training.epochs"] = search.epochs

    def run(values: dict, state: Path) -> Fitted:
        trial = experiment.override({**training, **values})
        return fit_once(trial, data, draw(trial, data, SPLITS[:2]), trial.training.seeds[0], state, on_epoch)

    def tell(oracle) -> pd.DataFrame:
        leaderboard = _leaderboard(oracle, space)
        for listener in on_trial:
            listener(leaderboard)
        return leaderboard

    class Oracle(ORACLES[search.tuner]):
        """Tries the experiment as it is written first, where the space holds it: the winner is never worse."""

        def populate_space(self, trial_id):
            as_written = None if self.trials else space.as_written()
            if as_written is None:
                return super().populate_space(trial_id)
            return {"status": TrialStatus.RUNNING, "values": as_written}

    class Tuner(keras_tuner.Tuner):
        """Trains one trial as `train` would."""

        def run_trial(self, trial, verbose=0):
            try:
                fitted = run(space.values(trial.hyperparameters.values), Path(self.get_trial_dir(trial.trial_id)))
            except (BadInput, Diverged) as error:
                raise FailedTrialError(str(error)) from error
            except OSError as error:  # a full disk, say: nothing that another trial could mend
                raise FatalError(str(error)) from error
            figures = {"parameters": fitted.network.count_params(), "seconds": fitted.seconds}
            for name, value in figures.items():
                trial.metrics.register(name, direction="min")
                trial.metrics.update(name, value)
            return {search.objective: fitted.score, **figures}

        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            for weights in Path(self.get_trial_dir(trial.trial_id)).glob("epoch-*.npz"):
                weights.unlink()
            tell(self.oracle)

    with contextlib.redirect_stdout(io.StringIO()):  # keras-tuner prints that it reloads
        oracle = Oracle(
            objective=keras_tuner.Objective(search.objective, "min" if search.objective == "val_loss" else "max"),
            max_trials=search.trials,
            seed=_far_apart(experiment.training.seeds[0]),
            hyperparameters=hyperparameters,
            max_consecutive_failed_trials=search.trials + 1,
        )
        tuner = _open(Tuner, oracle=oracle, directory=str(directory.parent), project_name=directory.name)
    _keep_finished(tuner.oracle)
    tell(tuner.oracle)
    try:
        tuner.search(verbose=0)
    except FatalError as error:
        raise error.__cause__ or error from None
    leaderboard = tell(tuner.oracle)
    if len(leaderboard) < search.trials:
        console.say(_ended_early(len(leaderboard), search.trials, space.size))
    if leaderboard.score.isna().all():
        reason = next(iter(tuner.oracle.trials.values())).message.strip().splitlines()[-1]
        raise Diverged(f"all {len(leaderboard)} trials failed; the first says: {reason}")
    best = tuner.oracle.trials[leaderboard.trial_id[0]]  # the first of equals, whatever order keras-tuner read them in
    return experiment.override(space.values(best.hyperparameters.values))


def _ended_early(done: int, asked: int, size: int | None) -> str:
    if size is not None and done >= size:
        return f"the search ends after {done} of {asked} trials: the space has {size} combinations, and all are tried"
    of_all = f" of the {size} combinations" if size else ""
    return f"the search ends after {done} of {asked} trials: hardly any{of_all} are left, and no new one was drawn"


def _leaderboard(oracle, space: Space) -> pd.DataFrame:
    """One row a finished trial, best first; trials without a finite score are failed, and last."""
    rows = []
    for trial in oracle.trials.values():
        if trial.status == TrialStatus.RUNNING:
            continue
        sound = trial.status == TrialStatus.COMPLETED and trial.score is not None and math.isfinite(trial.score)
        rows.append(
            {
                "trial_id": trial.trial_id,
                "status": trial.status if sound or trial.status != TrialStatus.COMPLETED else TrialStatus.FAILED,
                "score": trial.score if sound else None,
                "parameters": int(trial.metrics.get_best_value("parameters")) if sound else None,
                "seconds": round(trial.metrics.get_best_value("seconds"), 3) if sound else None,
                **space.values(trial.hyperparameters.values),
            }
        )
    columns = ["trial_id", "status", "score", "parameters", "seconds", *space.entries]
    board = pd.DataFrame(rows, columns=columns).astype({"score": float, "parameters": "Int64", "seconds": float})
    return board.sort_values(
        ["score", "trial_id"],
        ascending=[oracle.objective.direction == "min", True],
        na_position="last",
        key=lambda column: column.astype(int) if column.name == "trial_id" else column,
    ).reset_index(drop=True)


def _far_apart(seed: int) -> int:
    """keras-tuner counts its seed up with every draw, so neighbouring seeds would give nearly the same trials."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0] // 2)


def _open(tuner: type, **options):
    try:
        return tuner(**options)
    except (ValueError, KeyError, RuntimeError) as error:  # JSON that a kill left half written
        place = f"{options['directory']}/{options['project_name']}"
        raise BadInput(f"{place}: the trials of this search cannot be read ({error}); delete the folder") from None


def _keep_finished(oracle) -> None:
    """After a kill, keras-tuner would repeat the last trial even if it had finished: only running ones go on."""
    oracle._retry_queue = [
        trial_id for trial_id in oracle._retry_queue if oracle.trials[trial_id].status == TrialStatus.RUNNING
    ]
