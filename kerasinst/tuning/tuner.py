"""keras-tuner's loop, in which kerasinst trains each trial."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial
from keras_tuner.errors import FailedTrialError, FatalError

from kerasinst.core.errors import BadInput, Diverged
from kerasinst.training.fit import Fitted
from kerasinst.tuning.oracles import retry_only_running

RunTrial = Callable[[dict[str, Any], Path], Fitted]
"""Function that trains with the values that keras-tuner drew, in a folder for what a killed trial needs to go on."""


class TrialTuner(keras_tuner.Tuner):
    """A tuner of keras-tuner that trains each trial as `train` would.

    Args:
        oracle: oracle that draws the trials.
        objective: column of the history that is the score.
        run: function that trains a trial.
        on_trial: is called after each trial.
        directory: folder of keras-tuner; trials found there are kept.

    Raises:
        BadInput: if the files of an earlier search cannot be read.
    """

    def __init__(
        self,
        oracle: keras_tuner.Oracle,
        *,
        objective: str,
        run: RunTrial,
        on_trial: Callable[[], object],
        directory: Path,
    ) -> None:
        self._objective, self._run, self._on_trial = objective, run, on_trial
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # keras-tuner prints that it reloads
                super().__init__(oracle=oracle, directory=str(directory.parent), project_name=directory.name)
        except (ValueError, KeyError, RuntimeError) as error:  # JSON that a kill left half written
            raise BadInput(
                f"{directory}: the trials of this search cannot be read ({error}); delete the folder"
            ) from None
        retry_only_running(self.oracle)

    def run_trial(self, trial: Trial, verbose: int = 0) -> dict[str, float]:
        """Trains one trial and gives its score and its figures."""
        try:
            fitted = self._run(trial.hyperparameters.values, Path(self.get_trial_dir(trial.trial_id)))
        except (BadInput, Diverged) as error:
            raise FailedTrialError(str(error)) from error
        except OSError as error:  # such as a full disk, on which no other trial could run either
            raise FatalError(str(error)) from error
        figures = {"parameters": fitted.network.count_params(), "seconds": fitted.seconds}
        for name, value in figures.items():
            trial.metrics.register(name, direction="min")
            trial.metrics.update(name, value)
        return {self._objective: fitted.score, **figures}

    def on_trial_end(self, trial: Trial) -> None:
        """Removes the weights of a finished trial, and calls `on_trial`."""
        super().on_trial_end(trial)
        for weights in Path(self.get_trial_dir(trial.trial_id)).glob("epoch-*.npz"):
            weights.unlink()
        self._on_trial()
