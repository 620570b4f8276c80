"""Chooses values that were more frequent among good trials than among bad ones."""

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
            asked = study.ask(self._distributions()).params
            values = {
                parameter.name: parameter.min_value + asked[parameter.name] * parameter.step
                if _stepped(parameter)
                else asked[parameter.name]
                for parameter in self.hyperparameters.space
            }
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
        from sqlalchemy import URL

        place = URL.create("sqlite", database=str(Path(self._project_dir) / "study.db"))
        storage = optuna.storages.RDBStorage(str(place))
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

        values = trial.hyperparameters.values
        states = optuna.trial.TrialState
        state = {TrialStatus.COMPLETED: states.COMPLETE, TrialStatus.RUNNING: states.RUNNING}.get(
            trial.status, states.FAIL
        )
        return optuna.trial.create_trial(
            state=state,
            value=trial.score if state == states.COMPLETE else None,
            params={
                parameter.name: _index(parameter, values[parameter.name])
                if _stepped(parameter)
                else values[parameter.name]
                for parameter in self.hyperparameters.space
            },
            distributions=self._distributions(),
            user_attrs={"trial_id": trial.trial_id},
        )


def _distribution(parameter: Any) -> "optuna.distributions.BaseDistribution":
    """Returns a hyperparameter of keras-tuner in Optuna's words; one that is sampled in reverse is sampled evenly.

    Numbers with a step are numbers of steps, since both round the upper end in their own way.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if _stepped(parameter):
        return IntDistribution(0, int((parameter.max_value - parameter.min_value) // parameter.step))
    if isinstance(parameter, kinds.Int):
        return IntDistribution(parameter.min_value, parameter.max_value, log=parameter.sampling == "log")
    if isinstance(parameter, kinds.Float):
        return FloatDistribution(parameter.min_value, parameter.max_value, log=parameter.sampling == "log")
    return CategoricalDistribution(list(parameter.values))


def _stepped(parameter: Any) -> bool:
    """Returns True for a range with steps."""
    return isinstance(parameter, kinds.Int | kinds.Float) and parameter.step is not None


def _index(parameter: Any, value: Any) -> int:
    """Returns the number of the step at which a value lies."""
    return round((value - parameter.min_value) / parameter.step)
