"""Chooses values that were more frequent among good trials than among bad ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras_tuner

from kerasinst.tuning.optuna_oracle import OptunaOracle

if TYPE_CHECKING:
    import optuna


class Tpe(OptunaOracle):
    """Tree-structured Parzen estimator of Optuna, whose extra is `kerasinst[optuna]`.

    It takes one objective or several, as in `search.objective: [val_accuracy, tflite_bytes]`. The file `study.db`
    beside the trials opens in Optuna's dashboard. The same seed and number of workers give the same trials.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        objectives: names of all objectives.
        trials: number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search.
        initial: number of random trials that come first.

    Raises:
        BadInput: if Optuna is not installed.

    Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization (NeurIPS 2011); for several objectives, Ozaki
        et al., Multiobjective Tree-Structured Parzen Estimator (JAIR 73, 2022).
    """

    def __init__(
        self,
        hyperparameters: keras_tuner.HyperParameters,
        *,
        objective: str,
        objectives: Sequence[str] = (),
        trials: int,
        epochs: int,
        seed: int,
        initial: int = 10,
    ) -> None:
        super().__init__(
            hyperparameters, objective=objective, objectives=objectives, trials=trials, seed=seed, initial=initial
        )

    def sampler(self, seed: int) -> "optuna.samplers.TPESampler":
        """Makes an estimator that looks at all keys together, and takes running trials to be bad."""
        import optuna

        return optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=0, multivariate=True, group=True, constant_liar=True
        )
