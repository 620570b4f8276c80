"""Trains many trials for a few epochs, and the better ones for more."""

import math
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import TrialStatus

from kerasinst.tuning.oracle import ENDED, SearchOracle, arguments

LEAST_EPOCHS = 3
"""Smallest number of epochs after which trials are compared; after one, their order says little about the end."""


class Hyperband(SearchOracle, keras_tuner.oracles.HyperbandOracle):
    """Hyperband: brackets of trials, each with rounds, of which the best 1/`factor` go on to the next.

    A trial of a later round goes on with the weights of its earlier one, and learning rates follow the schedule of the
    whole number of epochs, so that it ends as if it had been trained in one piece. A round ends before the next begins,
    so that trials and scores do not depend on the number of workers.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        trials: number of configurations that are drawn; trials of later rounds come on top of them.
        epochs: number of epochs of the last round.
        seed: seed of the search.
        factor: how many times as many epochs the next round trains.
        min_epochs: smallest number of epochs of the first round, at least 3.

    Source: Li et al., Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization (JMLR 18, 2018).
    """

    told_in_order = False

    def __init__(
        self,
        hyperparameters: keras_tuner.HyperParameters,
        *,
        objective: str,
        trials: int,
        epochs: int,
        seed: int,
        factor: int = 3,
        min_epochs: int = 3,
    ) -> None:
        if min_epochs < LEAST_EPOCHS:
            raise ValueError(f"min_epochs={min_epochs} must be at least {LEAST_EPOCHS}")
        if factor < 2:
            raise ValueError(f"factor={factor} must be at least 2")
        if epochs < min_epochs * factor:
            raise ValueError(
                f"{epochs} epochs are too few for two rounds: set search.epochs to at least {min_epochs * factor} "
                f"(min_epochs {min_epochs} times factor {factor})"
            )
        self.configurations = trials
        self.least_epochs = min_epochs
        super().__init__(
            **arguments(hyperparameters, objective=objective, seed=seed),
            max_epochs=epochs,
            factor=factor,
            hyperband_iterations=10**9,
        )

    def _get_num_brackets(self) -> int:
        """Counts the brackets whose first round has enough epochs."""
        return 1 + math.floor(math.log(self.max_epochs / self.least_epochs, self.factor) + 1e-9)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Draws a configuration, or lets one of an earlier round go on, once that round has ended."""
        bracket = self._brackets[-1]
        number, rounds = bracket["bracket_num"], bracket["rounds"]
        drawn = sum(not trial.hyperparameters.values["tuner/initial_epoch"] for trial in self.trials.values())
        if len(rounds[0]) < self._get_size(number, 0) and drawn < self.configurations:
            return self._draw(trial_id)
        for following in range(1, len(rounds)):
            before = [self.trials[entry["id"]] for entry in rounds[following - 1]]
            if any(trial.status not in ENDED for trial in before):
                return {"status": TrialStatus.IDLE}
            completed = [trial for trial in before if trial.status == TrialStatus.COMPLETED]
            completed.sort(key=lambda trial: trial.score, reverse=self.objective.direction == "max")
            most = min(self._get_size(number, following), math.ceil(len(before) / self.factor))
            if len(rounds[following]) < min(most, len(completed)):
                chosen = completed[len(rounds[following])]
                rounds[following].append({"past_id": chosen.trial_id, "id": trial_id})
                values = {
                    **chosen.hyperparameters.values,
                    "tuner/trial_id": chosen.trial_id,
                    "tuner/epochs": self._get_epochs(number, following),
                    "tuner/initial_epoch": self._get_epochs(number, following - 1),
                    "tuner/bracket": number,
                    "tuner/round": following,
                }
                return {"status": TrialStatus.RUNNING, "values": values}
        if drawn >= self.configurations:
            return {"status": TrialStatus.STOPPED}
        self._increment_bracket_num()
        self._start_new_bracket()
        return self._draw(trial_id)

    def _draw(self, trial_id: str) -> dict[str, Any]:
        """Draws a configuration for the first round of the current bracket; without a new one, the search ends."""
        response: dict[str, Any] = self._random_trial(trial_id, self._brackets[-1])
        if response["status"] == TrialStatus.STOPPED:
            self.configurations = 0
            return self.populate_space(trial_id)
        return response

    def needs_weights(self, trial_id: str) -> bool:
        """Returns True for the trials of the bracket that runs."""
        return any(trial_id == entry["id"] for of_round in self._brackets[-1]["rounds"] for entry in of_round)
