"""Oracles of keras-tuner, which draw the trials of a search."""

from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import TrialStatus

from kerasinst.experiment.search import SearchSection
from kerasinst.tuning.space import Space

ORACLES: dict[str, type[keras_tuner.Oracle]] = {"random": keras_tuner.oracles.RandomSearchOracle}
"""Oracles by their name in an experiment."""


def create_oracle(search: SearchSection, space: Space, *, seed: int) -> keras_tuner.Oracle:
    """Makes an oracle whose first trial is the experiment as it is written, if the space holds it.

    So the best trial is never worse than the experiment.

    Args:
        search: section of the experiment that gives the oracle's name, its objective and the number of trials.
        space: search space from which it draws.
        seed: seed of the drawing.
    """
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    kind: Any = ORACLES[search.tuner]

    class WrittenFirst(kind):
        """The oracle of that name, except for its first trial."""

        def populate_space(self, trial_id: str) -> dict[str, Any]:
            """Gives the values of a trial."""
            as_written = None if self.trials else space.as_written()
            if as_written is None:
                return super().populate_space(trial_id)
            return {"status": TrialStatus.RUNNING, "values": as_written}

    return WrittenFirst(
        objective=keras_tuner.Objective(search.objective, "min" if search.objective == "val_loss" else "max"),
        max_trials=search.trials,
        seed=_far_apart(seed),
        hyperparameters=hyperparameters,
        max_consecutive_failed_trials=search.trials + 1,
    )


def retry_only_running(oracle: keras_tuner.Oracle) -> None:
    """Lets only running trials go on after a kill; keras-tuner would repeat the last one even if it had finished."""
    oracle._retry_queue = [
        trial_id for trial_id in oracle._retry_queue if oracle.trials[trial_id].status == TrialStatus.RUNNING
    ]


def _far_apart(seed: int) -> int:
    """Spreads seeds, as keras-tuner adds 1 with every draw and neighbouring seeds would give nearly the same trials."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0] // 2)
