"""Crosses and mutates the values of trials that no other trial beats in all objectives."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras_tuner

from kerasinst.tuning.optuna_oracle import OptunaOracle

if TYPE_CHECKING:
    import optuna


class Nsga2(OptunaOracle):
    """Non-dominated sorting genetic algorithm of Optuna, whose extra is `kerasinst[optuna]`.

    It takes several objectives, as in `search.objective: [val_accuracy, tflite_bytes, milliseconds]`, and looks for
    networks of which none is better in all of them. Keys that only apply for some values of others are drawn at random.
    The file `study.db` beside the trials opens in Optuna's dashboard. The same seed and number of workers give the same
    trials.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        objectives: names of all objectives.
        trials: number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search.
        population: number of trials of a generation; the first generation is random.

    Raises:
        BadInput: if Optuna is not installed.

    Source: Deb et al., A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II (IEEE Transactions on Evolutionary
        Computation 6, 2002).
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
        population: int = 10,
    ) -> None:
        if population < 2:
            raise ValueError(f"population={population} must be at least 2")
        self.population = population
        super().__init__(
            hyperparameters, objective=objective, objectives=objectives, trials=trials, seed=seed, initial=1
        )

    def sampler(self, seed: int) -> "optuna.samplers.NSGAIISampler":
        """Makes the sampler."""
        import optuna

        return optuna.samplers.NSGAIISampler(population_size=self.population, seed=seed)
