"""Ways to choose the next trial of a search, one per file, found by the file's name.

Each is an oracle of keras-tuner, or of Optuna in the form of one: it is asked for the values of a trial, and told the
score.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras_tuner

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import ORACLES
from kerasinst.tuning.oracle import SearchOracle

__all__ = ["create", "names"]


def names() -> list[str]:
    """Lists the names of all oracles."""
    return ORACLES.names()


def create(
    name: str,
    hyperparameters: keras_tuner.HyperParameters,
    *,
    objective: str,
    trials: int,
    epochs: int,
    seed: int,
    objectives: Sequence[str] = (),
    as_written: dict[str, Any] | None = None,
    refusal: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda values: None,
    **options: Any,
) -> SearchOracle:
    """Makes an oracle.

    Args:
        name: one of `names()`.
        hyperparameters: search space.
        objective: name of the score; losses are minimised.
        trials: number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search.
        objectives: names of all objectives, if there are several; those after the first are costs.
        as_written: values of the first trial; None draws them, too.
        refusal: says why values are to be drawn again; None lets them be.
        **options: options of the oracle.

    Raises:
        BadInput: if there is no such oracle or option, or a value is not allowed.
    """
    ORACLES.check(name, options)
    made = ORACLES.get(name)
    if len(objectives) > 1:
        options["objectives"] = objectives
    try:
        oracle: SearchOracle = made(
            hyperparameters, objective=objective, trials=trials, epochs=epochs, seed=seed, **options
        )
    except (TypeError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"search.tuner.{name}: {str(error).strip().splitlines()[0]}") from None
    oracle.as_written, oracle.refusal = as_written, refusal
    return oracle
