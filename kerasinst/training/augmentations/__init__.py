"""Augmentations, one per file, found by the file's name; an experiment applies them in the order given.

There are three kinds. One on waveforms is a function of NumPy arrays (`WaveformAugmentation`) and comes before the front end.
One on features is a Keras layer `(features, targets) -> (features, targets)`, which works within each training step.
One with a method `extend(features, targets)` adds to the training set once before the first step.

Example:
    >>> import kerasinst as ki
    >>> from kerasinst.training import augmentations
    >>> mixed, soft_labels = augmentations.create("cutmix", alpha=1.0)(features, targets)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import keras
import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import AUGMENTATIONS
from kerasinst.training.augmentations.waveforms import WaveformAugmentation

__all__ = ["Chain", "create", "create_all", "names"]


@dataclass(frozen=True)
class Chain:
    """The augmentations of an experiment, by the place where they work."""

    on_waveforms: list[WaveformAugmentation]
    extending: list
    on_features: list[keras.layers.Layer]

    def extend(self, features, targets: np.ndarray, odds: np.ndarray | None) -> tuple:
        """A training set with what augmentations add to it; odds of copies are those of their originals."""
        for augmentation in self.extending:
            features, targets = augmentation.extend(features, targets)
        if odds is not None:
            odds = np.resize(odds, len(targets))
            odds = odds / odds.sum()
        return features, targets, odds


def names() -> list[str]:
    """Names of all augmentations."""
    return AUGMENTATIONS.names()


def create(name: str, *, task: str = "single-label", **options: Any):
    """Makes an augmentation.

    Args:
        name: one of `names()`.
        task: decides whether targets of mixes are shares ("single-label") or unions ("multi-label").
        **options: of the augmentation.

    Raises:
        BadInput: if there is no such augmentation or option, or its value is not allowed.
    """
    AUGMENTATIONS.check(name, options)
    if "union" in AUGMENTATIONS.parameters(name, given=True):
        options = {**options, "union": task == "multi-label"}
    try:
        return AUGMENTATIONS.get(name)(**options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"training.augment.{name}: {error}") from None


def create_all(items: Sequence[dict[str, dict[str, Any]]], task: str = "single-label") -> Chain:
    """Makes the augmentations of an experiment's `training.augment`.

    Raises:
        BadInput: if one cannot be made, or one on waveforms comes after one on features.
    """
    made = [(name, create(name, task=task, **options)) for item in items for name, options in item.items()]
    stages = [(_stage(augmentation), name) for name, augmentation in made]
    for (stage, name), (following, its_name) in pairwise(stages):
        if following < stage:
            raise BadInput(f"training.augment: {its_name} works before {name} does, so put it before {name}")
    return Chain(*([augmentation for _, augmentation in made if _stage(augmentation) == stage] for stage in range(3)))


def _stage(augmentation) -> int:
    return 0 if isinstance(augmentation, WaveformAugmentation) else 1 if hasattr(augmentation, "extend") else 2
