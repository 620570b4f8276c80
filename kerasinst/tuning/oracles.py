"""What draws the trials of a search: oracles of keras-tuner, by name."""

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import TrialStatus

from kerasinst.experiment.search import SearchSection
from kerasinst.tuning.space import Space

ORACLES = {"random": keras_tuner.oracles.RandomSearchOracle}


def create_oracle(search: SearchSection, space: Space, *, seed: int) -> keras_tuner.Oracle:
    """An oracle that tries the experiment as it is written first, where the space holds it: the winner is never worse.

    Args:
        search: names the oracle, its objective and the number of trials.
        space: that it draws from.
        seed: of what it draws.
    """
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    kind: type[keras_tuner.Oracle] = ORACLES[search.tuner]

    class WrittenFirst(kind):  # type: ignore[misc, valid-type]
        """The oracle of that name, but for its first trial."""

        def populate_space(self, trial_id):
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
    """After a kill, keras-tuner would repeat the last trial even if it had finished: only running ones go on."""
    oracle._retry_queue = [
        trial_id for trial_id in oracle._retry_queue if oracle.trials[trial_id].status == TrialStatus.RUNNING
    ]


def _far_apart(seed: int) -> int:
    """keras-tuner counts its seed up with every draw, so neighbouring seeds would give nearly the same trials."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0] // 2)
