"""The search for hyperparameters: keras-tuner draws trials, and kerasinst trains them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from keras_tuner.errors import FatalError

from kerasinst.core import console
from kerasinst.core.errors import BadInput, Diverged
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.experiment.search import SearchSection
from kerasinst.features import PreparedData, extract_features
from kerasinst.training.fit import Fitted
from kerasinst.training.seeds import fit_seed
from kerasinst.tuning.leaderboard import leaderboard
from kerasinst.tuning.oracles import create_oracle
from kerasinst.tuning.space import Space
from kerasinst.tuning.tuner import TrialTuner


def tune(
    experiment: Experiment,
    data: PreparedData,
    *,
    directory: Path,
    on_trial: Sequence[Callable[[pd.DataFrame], None]] = (),
    on_epoch: Callable[[dict], None] = lambda row: None,
    progress: Progress = silent,
) -> Experiment:
    """Runs the trials that are not done yet.

    Args:
        experiment: experiment with a search section.
        data: data that was prepared for the experiment; the test split is not used.
        directory: folder of keras-tuner; trials found there are kept, an unfinished one goes on from its last epoch.
        on_trial: functions that are called with the leaderboard after each trial.
        on_epoch: is called with each row of each trial's history.
        progress: shows the computation of features.

    Returns:
        The experiment with the values of the best trial.

    Raises:
        BadInput: if the experiment has no search section, or the space does not fit it.
        Diverged: if every trial failed.
    """
    search, seed = experiment.search, experiment.training.seeds[0]
    if search is None:
        raise BadInput("search: the experiment has no such section; say in it what may vary")
    space = Space(search.space, experiment)

    def run(drawn: dict[str, Any], state: Path) -> Fitted:
        trial = _trial(experiment, search, space.values(drawn))
        features = extract_features(trial, data, splits=SPLITS[:2], progress=progress)
        return fit_seed(trial, data, features=features, seed=seed, state=state, on_epoch=on_epoch, progress=progress)

    def tell() -> pd.DataFrame:
        board = leaderboard(tuner.oracle, space)
        for listener in on_trial:
            listener(board)
        return board

    oracle = create_oracle(search, space, seed=seed)
    tuner = TrialTuner(oracle, objective=search.objective, run=run, on_trial=tell, directory=directory)
    tell()
    try:
        tuner.search(verbose=0)
    except FatalError as error:
        raise error.__cause__ or error from None
    board = tell()
    if len(board) < search.trials:
        console.say(_ended_early(len(board), search.trials, space.size))
    if board.score.isna().all():
        reason = next(iter(oracle.trials.values())).message.strip().splitlines()[-1]
        raise Diverged(f"all {len(board)} trials failed; the first says: {reason}")
    best = oracle.trials[board.trial_id[0]]  # the first of equals, whatever order keras-tuner read them in
    return experiment.override(space.values(best.hyperparameters.values))


def _trial(experiment: Experiment, search: SearchSection, values: dict[str, Any]) -> Experiment:
    """Gives the experiment of a trial: with one seed, the search's epochs, and the objective as its monitor."""
    training: dict[str, Any] = {"training.monitor": search.objective, "training.seeds": experiment.training.seeds[:1]}
    if search.epochs:
        training["training.epochs"] = search.epochs
    return experiment.override({**training, **values})


def _ended_early(done: int, asked: int, size: int | None) -> str:
    """Says why there are fewer trials than were asked for."""
    if size is not None and done >= size:
        return f"the search ends after {done} of {asked} trials: the space has {size} combinations, and all are tried"
    of_all = f" of the {size} combinations" if size else ""
    return f"the search ends after {done} of {asked} trials: hardly any{of_all} are left, and no new one was drawn"
