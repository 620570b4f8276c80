"""Arrays in a file, and filling layers with those that fit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst.core.errors import BadInput


@dataclass(frozen=True)
class Stored:
    """An array whose shape is known and which is read only if it fits, so that no file decides how much is read.

    Args:
        shape: of the array.
        read: reads it.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]

    def transposed(self, *axes: int) -> "Stored":
        """The same with its axes in another order."""
        return Stored(tuple(self.shape[axis] for axis in axes), lambda: np.transpose(self.read(), axes))


Pair = tuple[keras.layers.Layer, list[Stored]]  # a layer, and arrays for its weights in their order


@dataclass(frozen=True)
class Weights:
    """What a file holds for a network.

    Attributes:
        pairs: its layers, each with the arrays that could be its weights.
        frontend: what `front_end.describe` told of the front end that they were trained with, if the file says so.
    """

    pairs: Iterable[Pair]
    frontend: Mapping[str, Any] | None = None


def weighted(network) -> list:
    """Layers that have weights, in order."""
    return [layer for layer in network.layers if layer.weights]


def in_order(network, stored: Iterable[tuple[str, list[Stored]]]) -> Iterator[Pair]:
    """Pairs the layers of two networks, first with first, until they are of different kinds.

    Names do not pair them, since Keras numbers unnamed layers through a whole process.

    Args:
        network: to be filled.
        stored: kind (name of the class) and arrays of each layer of the other.
    """
    for layer, (kind, arrays) in zip(weighted(network), stored, strict=False):
        if type(layer).__name__ != kind:
            return
        yield layer, arrays


def fill(network, pairs: Iterable[Pair], *, source: str | Path) -> list[str]:
    """Copies arrays into the layers whose weights are of the same shapes; all are read before the first is copied.

    Returns:
        Names of the layers.

    Raises:
        BadInput: if none fit but normalisations, or one holds values that are not numbers.
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
    for name, arrays in values.items():
        network.get_layer(name).set_weights(arrays)
    return list(values)
