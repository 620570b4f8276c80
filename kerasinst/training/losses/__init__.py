"""Losses, one per file, found by the file's name: functions from the task to a Keras loss.

Example:
    >>> from kerasinst.training import losses
    >>> losses.create("categorical_crossentropy", "single-label", label_smoothing=0.1)(targets, scores)
"""

from typing import Any

import keras

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import LOSSES

__all__ = ["DEFAULTS", "create", "names"]

DEFAULTS: dict[str, dict[str, dict[str, Any]]] = {
    "single-label": {"categorical_crossentropy": {}},
    "multi-label": {"binary_crossentropy": {}},
}
"""Name and options of the loss of each task, for experiments that name none."""


def names() -> list[str]:
    """Gives the names of all losses."""
    return LOSSES.names()


def create(name: str, task: str, **options: Any) -> keras.losses.Loss:
    """Makes a loss.

    Args:
        name: one of `names()`.
        task: "single-label", whose scores sum to 1, or "multi-label", whose scores are within 0 and 1 each.
        **options: arguments of the loss.

    Raises:
        BadInput: if there is no such loss or option, its value is not allowed, or it does not suit the task.
    """
    LOSSES.check(name, options)
    try:
        return LOSSES.get(name)(task, **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"training.loss.{name}: {str(error).strip().splitlines()[0]}") from None
