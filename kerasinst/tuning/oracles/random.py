"""Draws the values of each trial at random."""

import keras_tuner

from kerasinst.tuning.oracle import SearchOracle, arguments


class Random(SearchOracle, keras_tuner.oracles.RandomSearchOracle):
    """Random search: values are drawn from the space, and none twice.

    Trials and scores do not depend on the number of workers.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        trials: number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search.

    Source: Bergstra and Bengio, Random Search for Hyper-Parameter Optimization (JMLR 13, 2012).
    """

    told_in_order = False

    def __init__(
        self, hyperparameters: keras_tuner.HyperParameters, *, objective: str, trials: int, epochs: int, seed: int
    ) -> None:
        super().__init__(**arguments(hyperparameters, objective=objective, seed=seed), max_trials=trials)
