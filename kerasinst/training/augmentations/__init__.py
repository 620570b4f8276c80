"""Augmentations, one per file, found by the file's name; an experiment applies them in the order given.

There are three kinds. An augmentation of waveforms is a function of NumPy arrays (`WaveformAugmentation`), which comes
before the front end. An augmentation of features is a Keras layer `(features, targets) -> (features, targets)`, which
runs within each training step. One with a method `extend(features, targets)` adds samples to the training set once,
before the first step.

Example:
    >>> import kerasinst as ki
    >>> from kerasinst.training import augmentations
    >>> mixed, soft_labels = augmentations.create("cutmix", alpha=1.0)(features, targets)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import AUGMENTATIONS
from kerasinst.training.waveform_augmentation import WaveformAugmentation

if TYPE_CHECKING:
    from kerasinst.training.waveform_dataset import TrainingFeatures

__all__ = ["Chain", "Extending", "create", "create_all", "names"]


class Extending(Protocol):
    """An augmentation that adds samples to the training set before the first step."""

    def extend(self, features: "TrainingFeatures", targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gives the training set with the added samples.

        Args:
            features: features of shape `(n, frames, bins, channels)`.
            targets: targets of shape `(n, labels)`.
        """


@dataclass(frozen=True)
class Chain:
    """The augmentations of an experiment, by kind.

    Attributes:
        on_waveforms: augmentations of waveforms, in order.
        extending: augmentations that extend the training set, in order.
        on_features: augmentations of features, in order.
    """

    on_waveforms: list[WaveformAugmentation]
    extending: list[Extending]
    on_features: list[keras.layers.Layer]

    def extend(
        self, features: "TrainingFeatures", targets: np.ndarray, *, odds: np.ndarray | None
    ) -> "tuple[TrainingFeatures, np.ndarray, np.ndarray | None]":
        """Gives a training set with the samples that augmentations add to it.

        Args:
            features: features or waveforms of n samples.
            targets: targets of shape `(n, labels)`.
            odds: probability with which each sample is drawn, `(n,)`, or None if all are drawn equally often; a copy
                gets that of its original.

        Returns:
            Features, targets and odds of all samples.
        """
        for augmentation in self.extending:
            features, targets = augmentation.extend(features, targets)
        if odds is not None:
            odds = np.resize(odds, len(targets))
            odds = odds / odds.sum()
        return features, targets, odds


def names() -> list[str]:
    """Gives the names of all augmentations."""
    return AUGMENTATIONS.names()


def create(
    name: str, *, task: str = "single-label", **options: Any
) -> WaveformAugmentation | Extending | keras.layers.Layer:
    """Makes an augmentation.

    Args:
        name: one of `names()`.
        task: "single-label", where targets of mixes are shares, or "multi-label", where they are unions.
        **options: arguments of the augmentation.

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

    Args:
        items: names of augmentations with their options, in order.
        task: "single-label" or "multi-label".

    Raises:
        BadInput: if one cannot be made, or one on waveforms comes after one on features.
    """
    made = [(name, create(name, task=task, **options)) for item in items for name, options in item.items()]
    stages = [(_stage(augmentation), name) for name, augmentation in made]
    for (stage, name), (following, its_name) in pairwise(stages):
        if following < stage:
            raise BadInput(f"training.augment: {its_name} works before {name} does, so put it before {name}")
    by_stage: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for _, augmentation in made:
        by_stage[_stage(augmentation)].append(augmentation)
    return Chain(*by_stage)


def _stage(augmentation: object) -> int:
    """Gives 0 for an augmentation of waveforms, 1 for one that extends the training set, and 2 for one of features."""
    return 0 if isinstance(augmentation, WaveformAugmentation) else 1 if hasattr(augmentation, "extend") else 2
