"""Trains many trials for a few epochs, and the better ones for more."""

import math
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.core import console
from kerasinst.experiment.search import CONVERTED
from kerasinst.tuning.budgets import agreement, rank_correlation, scores_by_epoch
from kerasinst.tuning.oracle import ENDED, SearchOracle, arguments

LEAST_EPOCHS = 3
"""Smallest number of epochs after which trials are compared; after one, their order says little about the end."""


class Hyperband(SearchOracle, keras_tuner.oracles.HyperbandOracle):
    """Hyperband: brackets of trials, each with rounds, of which the best 1/`factor` go on to the next.

    The first trials are trained to the end, and the search tells how well their order after the epochs of each round
    agrees with that at the end, before any trial is stopped. A trial of a later round goes on with the weights of its
    earlier one, and learning rates follow the schedule of the whole number of epochs, so that it ends as if it had been
    trained in one piece. A round ends before the next begins, so that trials and scores do not depend on the number of
    workers.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        trials: number of configurations that are drawn; trials of later rounds come on top of them.
        epochs: number of epochs of the last round.
        seed: seed of the search.
        factor: how many times as many epochs the next round trains.
        min_epochs: smallest number of epochs of the first round, at least 3.
        whole_trials: number of first trials that are trained to the end; 0 tells nothing.

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
        whole_trials: int = 5,
    ) -> None:
        if min_epochs < LEAST_EPOCHS:
            raise ValueError(f"min_epochs={min_epochs} must be at least {LEAST_EPOCHS}")
        if whole_trials != 0 and whole_trials < 3:
            raise ValueError(f"whole_trials={whole_trials} must be 0 or at least 3")
        if factor < 2:
            raise ValueError(f"factor={factor} must be at least 2")
        if epochs < min_epochs * factor:
            raise ValueError(
                f"{epochs} epochs are too few for two rounds: set search.epochs to at least {min_epochs * factor} "
                f"(min_epochs {min_epochs} times factor {factor})"
            )
        self.configurations = trials
        self.exhausted = False
        self.least_epochs = min_epochs
        super().__init__(
            **arguments(hyperparameters, objective=objective, seed=seed),
            max_epochs=epochs,
            factor=factor,
            hyperband_iterations=10**9,
        )
        self.whole_trials = whole_trials
        if whole_trials:
            self._brackets: list[dict[str, Any]] = []
            self._current_bracket = 0  # that of the whole length, which keras-tuner runs last
            self._start_new_bracket()

    def _get_num_brackets(self) -> int:
        """Counts the brackets whose first round has enough epochs."""
        return 1 + math.floor(math.log(self.max_epochs / self.least_epochs, self.factor) + 1e-9)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Draws a configuration, or lets one of an earlier round go on, once that round has ended."""
        rounds = self._brackets[-1]["rounds"]
        if not any(rounds[1:]) and len(rounds[0]) < self._get_size(self._brackets[-1]["bracket_num"], 0):
            drawn = self._draw(trial_id)
            if drawn:
                return drawn
        for following in range(1, len(rounds)):
            before = [self.trials[entry["id"]] for entry in rounds[following - 1]]
            if any(trial.status not in ENDED for trial in before):
                return {"status": TrialStatus.IDLE}
            if values := self._promoted(trial_id, following, before=before):
                return {"status": TrialStatus.RUNNING, "values": values}
        if self._more():
            if self._is_first(self._brackets[-1]["bracket_num"]):
                first = [self.trials[entry["id"]] for entry in rounds[0]]
                if any(trial.status not in ENDED for trial in first):
                    return {"status": TrialStatus.IDLE}
                self._tell_agreement([trial.trial_id for trial in first])
            self._increment_bracket_num()
            self._start_new_bracket()
            return self._draw(trial_id) or self.populate_space(trial_id)
        return {"status": TrialStatus.STOPPED}

    def _is_first(self, bracket: int) -> bool:
        """Returns True for the bracket of the first trials, which are trained to the end."""
        return bool(self.whole_trials) and len(self._brackets) == 1 and bracket == 0

    def _get_size(self, bracket: int, round_number: int) -> int:
        """Counts the trials of a round."""
        return self.whole_trials if self._is_first(bracket) else int(super()._get_size(bracket, round_number))

    def _tell_agreement(self, first: list[str]) -> None:
        """Tells how well the order of the first trials after few epochs agrees with that at their end."""
        monitor = self.objective.name.removeprefix(CONVERTED)
        curves = [curve for trial_id in first if (curve := scores_by_epoch(self.folder(trial_id), monitor))]
        for number in range(self._get_num_brackets() - 1, 0, -1):
            epochs = self._get_epochs(number, 0)
            found = rank_correlation(curves, epochs)
            console.say(agreement(found, epochs=epochs, of=self.max_epochs, trials=len(curves)))

    def _more(self) -> bool:
        """Returns True if more configurations are wanted, and the space may hold some."""
        drawn = sum(not trial.hyperparameters.values["tuner/initial_epoch"] for trial in self.trials.values())
        return drawn < self.configurations and not self.exhausted

    def _draw(self, trial_id: str) -> dict[str, Any] | None:
        """Draws a configuration for the first round of the current bracket, or returns None if none is left."""
        if not self._more():
            return None
        response: dict[str, Any] = self._random_trial(trial_id, self._brackets[-1])
        self.exhausted = response["status"] != TrialStatus.RUNNING
        return None if self.exhausted else response

    def _promoted(self, trial_id: str, following: int, *, before: list[Trial]) -> dict[str, Any] | None:
        """Returns the values of the best trial of a round that is to go on and has not yet, or None."""
        bracket = self._brackets[-1]
        number, entries = bracket["bracket_num"], bracket["rounds"][following]
        most = min(self._get_size(number, following), math.ceil(len(before) / self.factor))
        gone_on = {entry["past_id"] for entry in entries}
        left = [trial for trial in before if trial.status == TrialStatus.COMPLETED and trial.trial_id not in gone_on]
        if len(entries) >= most or not left:
            return None
        left.sort(key=lambda trial: trial.score, reverse=self.objective.direction == "max")
        entries.append({"past_id": left[0].trial_id, "id": trial_id})
        return {
            **left[0].hyperparameters.values,
            "tuner/trial_id": left[0].trial_id,
            "tuner/epochs": self._get_epochs(number, following),
            "tuner/initial_epoch": self._get_epochs(number, following - 1),
            "tuner/bracket": number,
            "tuner/round": following,
        }

    def needs_weights(self, trial_id: str) -> bool:
        """Returns True for the trials of the bracket that runs, and for those with which a running trial goes on."""
        running = [trial for trial in self.trials.values() if trial.status not in ENDED]
        sources = [trial.hyperparameters.values.get("tuner/trial_id") for trial in running]
        current = [entry["id"] for of_round in self._brackets[-1]["rounds"] for entry in of_round]
        return trial_id in sources or trial_id in current

    def get_state(self) -> dict[str, Any]:
        """Returns the state, with whether the space holds no more configurations."""
        return {**super().get_state(), "exhausted": self.exhausted}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores the state."""
        super().set_state(state)
        self.exhausted = state["exhausted"]
