"""YAMNet's published `yamnet.h5`: weights in the layout of Keras before version 3."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import h5py
import keras
import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.layer_weights import Pair, Stored, weighted


def pairs(network: keras.Model, path: Path) -> Iterator[Pair]:
    """Pairs the layers of a `yamnet` network with the arrays of the same name.

    Raises:
        BadInput: if the file cannot be read.
    """
    try:
        arrays = _read(path)
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{path}: not weights that Keras 2 saved ({error}); give the published yamnet.h5") from None
    for layer in weighted(network):
        if layer.name in arrays:
            yield layer, arrays[layer.name]


def _read(path: Path) -> dict[str, list[Stored]]:
    """Finds the arrays of each layer, by its name in `networks.yamnet`."""
    arrays = {}
    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)  # where the whole model was saved
        for layer in root.attrs["layer_names"]:
            group = root[layer]
            name = _text(layer).replace("/", "_")
            # The layer of the scores was named, or numbered, by Keras.
            name = "scores" if name == "logits" or name.startswith("dense") else name
            arrays[name] = [_stored(path, file, group[weight]) for weight in group.attrs["weight_names"]]
    return arrays


def _stored(path: Path, file: h5py.File, dataset: h5py.Dataset) -> Stored:
    """Describes an array, unless it lies in another file."""
    if dataset.external or dataset.is_virtual or dataset.file != file:
        raise ValueError(f"{dataset.name} lies in another file")
    return Stored(dataset.shape, partial(_read_array, path, dataset.name))


def _read_array(path: Path, name: str) -> np.ndarray:
    """Reads an array."""
    try:
        with h5py.File(path, "r") as file:
            return file[name][()]
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: {name} cannot be read ({error}); get the file anew") from None


def _text(name: bytes | str) -> str:
    """Decodes a name, which HDF5 may hold as bytes."""
    return name.decode() if isinstance(name, bytes) else str(name)
