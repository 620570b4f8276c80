"""Arrays in a file, and layers that are filled with those that fit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst.core.errors import BadInput


@dataclass(frozen=True)
class Stored:
    """An array in a file, whose values are read only if its shape fits, so that no file decides how much is read.

    Args:
        shape: shape of the array.
        read: function that reads the values.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]

    def transposed(self, *axes: int) -> "Stored":
        """Gives the same array with its axes in another order."""
        return Stored(tuple(self.shape[axis] for axis in axes), lambda: np.transpose(self.read(), axes))


Pair = tuple[keras.layers.Layer, list[Stored]]
"""A layer, and the arrays for its weights in their order."""


@dataclass(frozen=True)
class Weights:
    """Weights that a file holds for a network.

    Attributes:
        pairs: layers of the network, each with the arrays that may be its weights.
        frontend: description, by `front_end.describe`, of the front end they were trained with, if it is known.
    """

    pairs: Iterable[Pair]
    frontend: Mapping[str, Any] | None = None


def weighted(network: keras.Model) -> list[keras.layers.Layer]:
    """Lists the layers of a network that have weights, in order."""
    return [layer for layer in network.layers if layer.weights]


def in_order(network: keras.Model, stored: Iterable[tuple[str, list[Stored]]]) -> Iterator[Pair]:
    """Pairs the layers of two networks in order, up to the first two that are of different classes.

    Names could not pair them, since Keras numbers unnamed layers through a whole process.

    Args:
        network: network that is to be filled.
        stored: name of the class and arrays of each layer of the other network.
    """
    for layer, (kind, arrays) in zip(weighted(network), stored, strict=False):
        if type(layer).__name__ != kind:
            return
        yield layer, arrays


def fill(network: keras.Model, pairs: Iterable[Pair], *, source: str | Path) -> list[str]:
    """Copies arrays into the layers whose weights have the same shapes; all are read before the first is copied.

    Args:
        network: network that is to be filled.
        pairs: layers of the network, each with the arrays that may be its weights.
        source: where the arrays come from, for messages.

    Returns:
        Names of the layers that were filled.

    Raises:
        BadInput: if no arrays fit, or only those of normalisations, or if a value is not a finite number.
    """
    values = {}
    for layer, arrays in pairs:
        if [array.shape for array in arrays] == [tuple(weight.shape) for weight in layer.weights]:
            values[layer.name] = [np.asarray(array.read(), np.float32) for array in arrays]
            if not all(np.isfinite(value).all() for value in values[layer.name]):
                raise BadInput(f"{source}: weights of '{layer.name}' are not finite numbers; get the file anew")
    if not values:
        raise BadInput(f"{source}: none of its weights fit network '{network.name}'; give weights of such a network")
    fitting = [layer for layer in weighted(network) if layer.name in values]
    if all(type(layer).__name__.endswith("Normalization") for layer in fitting) and len(fitting) < len(
        weighted(network)
    ):
        raise BadInput(
            f"{source}: only {', '.join(values)} of it fits network '{network.name}', and a normalisation alone "
            "carries nothing that was learned; give weights of such a network, or make the sizes equal"
        )
    for name, weights in values.items():
        network.get_layer(name).set_weights(weights)
    return list(values)
