"""What all oracles share: the experiment as it is written comes first, and a kill at any moment loses nothing."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.evaluation.figures import sign

MOST_REFUSALS = 1000
"""Number of draws in a row after which a search ends if all are refused."""
ENDED = (TrialStatus.COMPLETED, TrialStatus.FAILED)
"""Statuses of trials that have ended."""


class TooManyRefusals(Exception):
    """The last `MOST_REFUSALS` draws were all refused."""


class SearchOracle(keras_tuner.Oracle):
    """An oracle of keras-tuner whose files are whole at any moment.

    `oracle.json` is written last and lists the trials that count: a trial that it does not list is drawn again, and one
    that it lists as running is run again. Put this class before an oracle of keras-tuner among the bases of a class.

    Attributes:
        as_written: values of the experiment as it is written, which are the first trial; None if the space lacks them.
        refusal: says why values are to be drawn again before a trial is made of them; None lets them be.
        rejected: what `refusal` has said, in the order of drawing.
        told_in_order: whether trials are told in the order in which they were asked for, as they must be if what is
            drawn depends on what was told.
    """

    as_written: dict[str, Any] | None = None
    refusal: Callable[[dict[str, Any]], dict[str, Any] | None] = staticmethod(lambda values: None)
    rejected: Sequence[dict[str, Any]] = ()
    told_in_order = True
    _refused = 0
    trials: dict[str, Trial]
    ongoing_trials: dict[str, Trial]

    def _random_values(self) -> dict[str, Any] | None:
        """Gives the values of the experiment for the first trial, and draws those of the others until one is accepted.

        Returns:
            The values, or None if no others are found than those that were drawn before.
        """
        if not self.trials and self.as_written is not None and not self._duplicate(self.as_written):
            if self.accepts(self.as_written):
                return dict(self.as_written)
            self._tried_so_far.add(self._compute_values_hash(self.as_written))
        while (values := super()._random_values()) is not None:
            if self.accepts(values):
                return dict(values)
            self._tried_so_far.add(self._compute_values_hash(values))
        return None

    def draw(self) -> dict[str, Any] | None:
        """Draws values as the first random trials are drawn, without making a trial of them.

        Returns:
            The values, which are not drawn again, or None if there are no others.
        """
        values = self._random_values()
        if values is not None:
            self._tried_so_far.add(self._compute_values_hash(values))
        return values

    def accepts(self, values: dict[str, Any]) -> bool:
        """Returns True unless values are to be drawn again, which is noted.

        Args:
            values: values that were drawn.

        Raises:
            TooManyRefusals: if the last `MOST_REFUSALS` were all refused.
        """
        refusal = self.refusal(values)
        if refusal is None:
            self._refused = 0
            return True
        self.rejected = [*self.rejected, refusal]
        self._refused += 1
        if self._refused >= MOST_REFUSALS:
            raise TooManyRefusals
        return False

    def open(self, folder: Path) -> None:
        """Continues the search in a folder, or begins it there.

        Args:
            folder: folder for `oracle.json` and a folder `trial_<id>` for each trial.

        Raises:
            BadInput: if the files cannot be read.
        """
        self._set_project_dir(str(folder.parent), folder.name)
        self.verbose = 0
        if not (folder / "oracle.json").is_file():
            return
        try:
            state = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))
            for trial_id in state["start_order"]:
                content = (self.folder(trial_id) / "trial.json").read_text(encoding="utf-8")
                self.trials[trial_id] = Trial.from_state(json.loads(content))
            self.set_state(state)
        except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as error:
            problem = " ".join(str(error).split())[:200]
            raise BadInput(
                f"{folder}: the trials of this search cannot be read ({problem}); remove the folder"
            ) from None
        self.ongoing_trials = {}
        ended = set(self.end_order)
        self._retry_queue = [trial_id for trial_id in reversed(self.start_order) if trial_id not in ended]
        for trial_id in self._retry_queue:
            self.trials[trial_id].status = TrialStatus.RUNNING

    def folder(self, trial_id: str) -> Path:
        """Returns the folder of a trial, which need not exist.

        Args:
            trial_id: id of the trial.
        """
        return Path(self._project_dir) / f"trial_{trial_id}"

    def ended(self) -> list[Trial]:
        """Lists the trials that have ended, in the order in which they were asked for."""
        return [trial for trial in self.trials.values() if trial.status in ENDED]

    def unfinished(self) -> list[str]:
        """Lists the trials that a killed search left running; they are asked for again first."""
        return list(reversed(self._retry_queue))

    def needs_weights(self, trial_id: str) -> bool:
        """Returns True if another trial may go on with the weights of an ended one.

        Args:
            trial_id: id of the trial.
        """
        return False

    def get_state(self) -> dict[str, Any]:
        """Returns the state, with what was refused."""
        return {**super().get_state(), "rejected": self.rejected}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores the state; that of earlier versions refused nothing."""
        super().set_state(state)
        self.rejected = state.get("rejected", [])

    def save(self) -> None:
        """Writes `oracle.json`."""
        files.write_text(Path(self._get_oracle_fname()), _strict_json(self.get_state()))

    def _save_trial(self, trial: Trial) -> None:
        """Writes `trial.json` of a trial."""
        files.write_text(self.folder(trial.trial_id) / "trial.json", _strict_json(trial.get_state()))


def arguments(hyperparameters: keras_tuner.HyperParameters, *, objective: str, seed: int) -> dict[str, Any]:
    """Returns the arguments that all oracles of keras-tuner take.

    Args:
        hyperparameters: search space.
        objective: name of the score; losses are minimised.
        seed: seed of the search.
    """
    return {
        "objective": keras_tuner.Objective(objective, "max" if sign(objective) > 0 else "min"),
        "hyperparameters": hyperparameters,
        "seed": spread(seed),
        "max_consecutive_failed_trials": 10**9,  # a search may go on after any number of failures
    }


def spread(*seeds: int) -> int:
    """Makes one seed of several, far from those of neighbouring numbers.

    keras-tuner adds 1 to its seed with every draw, so that neighbouring seeds would give nearly the same trials.

    Args:
        *seeds: numbers of at least 0.
    """
    return int(np.random.SeedSequence(seeds).generate_state(1)[0] // 2)


def _strict_json(state: Any) -> str:
    """Formats a state as strict JSON: keras-tuner's may hold numbers that JSON lacks, which become null."""
    try:
        return json.dumps(state, default=_item, allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(state, default=_item), parse_constant=lambda name: None))


def _item(value: Any) -> Any:
    """Makes a Python number of one of NumPy's, and a list of a set."""
    return value.item() if isinstance(value, np.generic) else list(value) if isinstance(value, Iterable) else str(value)
