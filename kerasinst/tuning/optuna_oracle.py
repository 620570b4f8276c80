"""What the tuners of Optuna share: they take the form of keras-tuner's oracles, and keep a database of their own."""

import math
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import keras_tuner
from keras_tuner.engine import hyperparameters as kinds
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.core import console
from kerasinst.core.errors import BadInput
from kerasinst.evaluation.figures import sign
from kerasinst.tuning.oracle import SearchOracle, arguments, spread

if TYPE_CHECKING:
    import optuna

ATTEMPTS = 20
"""Number of times that values are proposed again if they were tried before; after that, they are drawn at random."""

PATIENCE = 5.0
"""Time to wait for another program that writes to the study, in seconds."""


class OptunaOracle(SearchOracle):
    """A sampler of Optuna that is asked for values, and shown all trials each time, so that a kill changes nothing.

    The file `study.db` beside the trials opens in Optuna's dashboard.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        objectives: names of all objectives; those after the score are costs.
        trials: number of trials.
        seed: seed of the search.
        initial: number of random trials that come first.

    Raises:
        BadInput: if Optuna is not installed.
    """

    def __init__(
        self,
        hyperparameters: keras_tuner.HyperParameters,
        *,
        objective: str,
        objectives: Sequence[str],
        trials: int,
        seed: int,
        initial: int,
    ) -> None:
        try:
            import optuna
        except ImportError:
            name = type(self).__name__.lower()
            raise BadInput(f"search.tuner: {name} needs Optuna: pip install 'kerasinst[optuna]'") from None
        if initial < 1:
            raise ValueError(f"initial={initial} must be at least 1")
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.initial = initial
        self.objectives = [objective, *objectives[1:]]
        self.notes: dict[str, dict[str, Any]] = {}
        super().__init__(**arguments(hyperparameters, objective=objective, seed=seed), max_trials=trials)

    @abstractmethod
    def sampler(self, seed: int) -> "optuna.samplers.BaseSampler":
        """Makes the sampler.

        Args:
            seed: seed of its random numbers.
        """

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Asks Optuna for values that were not tried before."""
        values = self._proposed(trial_id) if len(self.ended()) >= self.initial else self._random_values()
        if values is None:
            return {"status": TrialStatus.STOPPED}
        return {"status": TrialStatus.RUNNING, "values": values}

    def _proposed(self, trial_id: str) -> dict[str, Any] | None:
        """Asks a sampler that has seen all trials; its seed depends on their number alone.

        Returns:
            The values, or None if none are left.
        """
        import optuna

        for attempt in range(ATTEMPTS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                sampler = self.sampler(spread(self.seed, len(self.trials), attempt))
            study = optuna.create_study(directions=self._directions(), sampler=sampler)
            study.add_trials([self._frozen(trial) for trial in self.trials.values()])
            values = self._values(study.ask())
            if not self._duplicate(values) and self.accepts(values):
                self.notes[trial_id] = dict(study.get_trials(deepcopy=False)[-1].system_attrs)
                return values
        return self._random_values()

    def _values(self, asked: "optuna.Trial") -> dict[str, Any]:
        """Gives the values of a trial of Optuna's for the hyperparameters that apply."""
        drawn = keras_tuner.HyperParameters()
        for parameter in self.hyperparameters.space:
            drawn.merge([parameter])
            if drawn.is_active(parameter):
                drawn.values[parameter.name] = _ask(parameter, asked)
        return dict(drawn.values)

    def end_trial(self, trial: Trial) -> None:
        """Ends a trial, and adds it to `study.db`."""
        super().end_trial(trial)
        self._update_database()

    def open(self, folder: Path) -> None:
        """Continues the search in a folder, and adds to `study.db` what a kill kept out of it."""
        super().open(folder)
        if self.trials:
            self._update_database()

    def get_state(self) -> dict[str, Any]:
        """Returns the state, with what Optuna noted of each trial."""
        return {**super().get_state(), "notes": self.notes}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores the state; that of earlier versions has no notes."""
        super().set_state(state)
        self.notes = state.get("notes", {})

    def _update_database(self) -> None:
        """Adds trials to `study.db`; the search goes on without that file if another program locks or damages it."""
        from optuna.exceptions import StorageInternalError
        from sqlalchemy.exc import SQLAlchemyError

        path = Path(self._project_dir) / "study.db"
        try:
            self._add_to(path)
        except (SQLAlchemyError, StorageInternalError) as error:
            problem = (str(error.__cause__ or error).strip().splitlines() or [type(error).__name__])[0]
            console.say_once(
                f"{path}: trials cannot be added ({problem}); the search goes on. Close the program that uses it, "
                "or remove it if it is damaged: the next trial that ends adds all of them"
            )

    def _add_to(self, path: Path) -> None:
        """Adds the trials that have ended to a database which may lack some."""
        import optuna
        from sqlalchemy import URL

        url = str(URL.create("sqlite", database=str(path)))
        storage = optuna.storages.RDBStorage(url, engine_kwargs={"connect_args": {"timeout": PATIENCE}})
        try:
            study = optuna.create_study(
                study_name="kerasinst", storage=storage, directions=self._directions(), load_if_exists=True
            )
            there = {trial.user_attrs["trial_id"] for trial in study.get_trials(deepcopy=False)}
            study.add_trials([self._frozen(trial) for trial in self.ended() if trial.trial_id not in there])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                study.set_metric_names(self.objectives)
        finally:
            storage.engine.dispose()

    def _directions(self) -> list[Literal["minimize", "maximize"]]:
        """Returns the directions of the objectives in Optuna's words."""
        return ["maximize" if sign(name) > 0 else "minimize" for name in self.objectives]

    def _frozen(self, trial: Trial) -> "optuna.trial.FrozenTrial":
        """Returns a trial in Optuna's words; one of which an objective is unknown has failed."""
        import optuna

        values, states = trial.hyperparameters.values, optuna.trial.TrialState
        state = {TrialStatus.COMPLETED: states.COMPLETE, TrialStatus.RUNNING: states.RUNNING}.get(
            trial.status, states.FAIL
        )
        known = [name for name in self.objectives if trial.metrics.exists(name)]
        reached = [float(trial.metrics.get_best_value(name)) for name in known]
        if len(known) < len(self.objectives) and state == states.COMPLETE:
            state = states.FAIL
        active = [parameter for parameter in self.hyperparameters.space if parameter.name in values]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.trial.create_trial(
                state=state,
                values=reached if state == states.COMPLETE else None,
                params={parameter.name: _for_optuna(parameter, values) for parameter in active},
                distributions={parameter.name: _distribution(parameter) for parameter in active},
                user_attrs={"trial_id": trial.trial_id},
                system_attrs=self.notes.get(trial.trial_id, {}),
            )


def _ask(parameter: Any, asked: "optuna.Trial") -> Any:
    """Asks Optuna for the value of a hyperparameter."""
    if _stepped(parameter):
        place = asked.suggest_int(parameter.name, 0, _last_step(parameter))
        if parameter.sampling == "log":
            return parameter.min_value * parameter.step**place
        return parameter.min_value + place * parameter.step
    if isinstance(parameter, kinds.Int):
        return asked.suggest_int(parameter.name, parameter.min_value, parameter.max_value, log=_log(parameter))
    if isinstance(parameter, kinds.Float):
        return asked.suggest_float(parameter.name, parameter.min_value, parameter.max_value, log=_log(parameter))
    return asked.suggest_categorical(parameter.name, list(parameter.values))


def _distribution(parameter: Any) -> "optuna.distributions.BaseDistribution":
    """Returns a hyperparameter of keras-tuner in Optuna's words; one that is sampled in reverse is sampled evenly.

    Numbers with a step are numbers of steps, since both round the upper end in their own way.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if _stepped(parameter):
        return IntDistribution(0, _last_step(parameter))
    if isinstance(parameter, kinds.Int):
        return IntDistribution(parameter.min_value, parameter.max_value, log=_log(parameter))
    if isinstance(parameter, kinds.Float):
        return FloatDistribution(parameter.min_value, parameter.max_value, log=_log(parameter))
    return CategoricalDistribution(list(parameter.values))


def _stepped(parameter: Any) -> bool:
    """Returns True for a range with steps."""
    return isinstance(parameter, kinds.Int | kinds.Float) and parameter.step is not None


def _log(parameter: Any) -> bool:
    """Returns True for a range that is sampled by its logarithm."""
    return bool(parameter.sampling == "log")


def _last_step(parameter: Any) -> int:
    """Returns the number of the last step of a range."""
    if parameter.sampling == "log":
        return int(math.log(parameter.max_value / parameter.min_value) / math.log(parameter.step) + 1e-9)
    return int((parameter.max_value - parameter.min_value) / parameter.step + 1e-9)


def _for_optuna(parameter: Any, values: Mapping[str, Any]) -> Any:
    """Returns the value of a hyperparameter in Optuna's words: of a range with steps, the number of the step."""
    value = values[parameter.name]
    if not _stepped(parameter):
        return value
    if parameter.sampling == "log":
        return round(math.log(value / parameter.min_value) / math.log(parameter.step))
    return round((value - parameter.min_value) / parameter.step)
