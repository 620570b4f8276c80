"""Augmentations, one per file, found by the file's name; an experiment applies them in the order given.

An augmentation either is a Keras layer `(features, targets) -> (features, targets)`, which works within each training
step, or has a method `extend(features, targets)`, which adds to the training set once before the first step.

Example:
    >>> import kerasinst as ki
    >>> from kerasinst.training import augmentations
    >>> mixed, soft_labels = augmentations.create("cutmix", alpha=1.0)(features, targets)
"""

from collections.abc import Sequence
from typing import Any

from kerasinst.errors import BadInput
from kerasinst.registry import AUGMENTATIONS

__all__ = ["create", "create_all", "names"]


def names() -> list[str]:
    """Names of all augmentations."""
    return AUGMENTATIONS.names()


def create(name: str, **options: Any):
    """Makes an augmentation.

    Raises:
        BadInput: if there is no such augmentation or option, or its value is not allowed.
    """
    AUGMENTATIONS.check(name, options)
    try:
        return AUGMENTATIONS.get(name)(**options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"training.augment.{name}: {error}") from None


def create_all(items: Sequence[dict[str, dict[str, Any]]]) -> list:
    """Makes the augmentations of an experiment's `training.augment`, in order."""
    return [create(name, **options) for item in items for name, options in item.items()]
