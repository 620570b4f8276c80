"""Chooses values that were more frequent among good trials than among bad ones."""

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import keras_tuner
from keras_tuner.engine import hyperparameters as kinds
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.core.errors import BadInput
from kerasinst.tuning.oracle import SearchOracle, arguments, spread

if TYPE_CHECKING:
    import optuna

ATTEMPTS = 20
"""Number of times that values are drawn again if they were tried before; after that, they are drawn at random."""


class Tpe(SearchOracle):
    """Tree-structured Parzen estimator of Optuna, whose extra is `kerasinst[optuna]`.

    The file `study.db` beside the trials opens in Optuna's dashboard. The same seed and number of workers give the same
    trials.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        trials: number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search.
        initial: number of random trials that come first.

    Raises:
        BadInput: if Optuna is not installed.

    Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization (NeurIPS 2011).
    """

    def __init__(
        self,
        hyperparameters: keras_tuner.HyperParameters,
        *,
        objective: str,
        trials: int,
        epochs: int,
        seed: int,
        initial: int = 10,
    ) -> None:
        try:
            import optuna
        except ImportError:
            raise BadInput("search.tuner: tpe needs Optuna: pip install 'kerasinst[optuna]'") from None
        if initial < 1:
            raise ValueError(f"initial={initial} must be at least 1")
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.initial = initial
        super().__init__(**arguments(hyperparameters, objective=objective, seed=seed), max_trials=trials)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Asks Optuna for values that were not tried before."""
        values = self._proposed() if len(self.ended()) >= self.initial else self._random_values()
        if values is None:
            return {"status": TrialStatus.STOPPED}
        return {"status": TrialStatus.RUNNING, "values": values}

    def _proposed(self) -> dict[str, Any] | None:
        """Asks an estimator that has seen all trials; its seed depends on their number, so that a kill changes nothing.

        Returns:
            The values, or None if none are left.
        """
        import optuna

        for attempt in range(ATTEMPTS):
            seed = spread(self.seed, len(self.trials), attempt)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                sampler = optuna.samplers.TPESampler(
                    seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True
                )
            study = optuna.create_study(direction=self._direction(), sampler=sampler)
            study.add_trials([self._frozen(trial) for trial in self.trials.values()])
            values: dict[str, Any] = study.ask(self._distributions()).params
            if not self._duplicate(values):
                return values
        return self._random_values()

    def end_trial(self, trial: Trial) -> None:
        """Ends a trial, and adds it to `study.db`."""
        super().end_trial(trial)
        self._update_database()

    def open(self, folder: Path) -> None:
        """Continues the search in a folder, and adds to `study.db` what a kill kept out of it."""
        super().open(folder)
        if self.trials:
            self._update_database()

    def _update_database(self) -> None:
        """Adds the trials to `study.db` that have ended and are not there."""
        import optuna

        storage = optuna.storages.RDBStorage(f"sqlite:///{Path(self._project_dir) / 'study.db'}")
        try:
            study = optuna.create_study(
                study_name="kerasinst", storage=storage, direction=self._direction(), load_if_exists=True
            )
            there = {trial.user_attrs["trial_id"] for trial in study.get_trials(deepcopy=False)}
            study.add_trials([self._frozen(trial) for trial in self.ended() if trial.trial_id not in there])
        finally:
            storage.engine.dispose()

    def _direction(self) -> Literal["minimize", "maximize"]:
        """Returns the direction of the objective in Optuna's words."""
        return "minimize" if self.objective.direction == "min" else "maximize"

    def _distributions(self) -> "dict[str, optuna.distributions.BaseDistribution]":
        """Returns the search space in Optuna's words."""
        return {parameter.name: _distribution(parameter) for parameter in self.hyperparameters.space}

    def _frozen(self, trial: Trial) -> "optuna.trial.FrozenTrial":
        """Returns a trial in Optuna's words."""
        import optuna

        states = optuna.trial.TrialState
        state = {TrialStatus.COMPLETED: states.COMPLETE, TrialStatus.RUNNING: states.RUNNING}.get(
            trial.status, states.FAIL
        )
        return optuna.trial.create_trial(
            state=state,
            value=trial.score if state == states.COMPLETE else None,
            params=trial.hyperparameters.values,
            distributions=self._distributions(),
            user_attrs={"trial_id": trial.trial_id},
        )


def _distribution(parameter: Any) -> "optuna.distributions.BaseDistribution":
    """Returns a hyperparameter of keras-tuner in Optuna's words; one that is sampled in reverse is sampled evenly."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(parameter, kinds.Int):
        low, high, step = parameter.min_value, parameter.max_value, parameter.step or 1
        if parameter.sampling == "log":
            return IntDistribution(low, high, log=True)
        return IntDistribution(low, low + (high - low) // step * step, step=step)
    if isinstance(parameter, kinds.Float):
        low, high, step = parameter.min_value, parameter.max_value, parameter.step
        if step is not None:
            high = low + math.floor((high - low) / step + 1e-9) * step
        return FloatDistribution(low, high, step=step, log=parameter.sampling == "log")
    return CategoricalDistribution(list(parameter.values))
