"""Tries all combinations of values, one after the other."""

from typing import Any

import keras_tuner
from keras_tuner.engine.trial import TrialStatus

from kerasinst.tuning.oracle import SearchOracle, arguments


class Grid(SearchOracle, keras_tuner.oracles.GridSearchOracle):
    """Grid search: all combinations, of which those that differ in the last key of the space come first.

    Of a range without steps, it tries the experiment's value and ten others. Trials and scores do not depend on the
    number of workers.

    Args:
        hyperparameters: search space, whose defaults are the first combination.
        objective: name of the score.
        trials: largest number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search, which changes nothing.
    """

    told_in_order = False

    def __init__(
        self, hyperparameters: keras_tuner.HyperParameters, *, objective: str, trials: int, epochs: int, seed: int
    ) -> None:
        super().__init__(**arguments(hyperparameters, objective=objective, seed=seed), max_trials=trials)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Gives the combination after the last one, even if that one has not ended, since no keys are added later."""
        if self.start_order:
            values = self._get_next_combination(self.trials[self.start_order[-1]].hyperparameters.values)
        else:
            space = self.get_space()
            values = {parameter.name: parameter.default for parameter in space.space if space.is_active(parameter)}
        while values is not None and not self.accepts(values):
            values = self._get_next_combination(values)
        return {"status": TrialStatus.STOPPED if values is None else TrialStatus.RUNNING, "values": values}
