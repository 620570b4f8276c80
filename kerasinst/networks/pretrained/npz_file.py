"""Weights of our own networks in one small file: NumPy's `.npz`, which cannot hide a program."""

import itertools
import json
import zipfile
import zlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.layer_weights import Stored, Weights, in_order, weighted

FRONTEND = "frontend.json"
"""Name of the member that describes the front end."""
LONGEST = 2**20
"""Greatest size of that member in bytes, since a small archive may unpack to any length."""


def save(network: keras.Model, path: str | Path, *, frontend: Mapping[str, Any] | None = None) -> None:
    """Writes the weights of a network, in the order of its layers, to an `.npz` file.

    The name of each array consists of the number of its layer, the layer's class and its number among the layer's
    weights, such as `003.Conv2D.0`. The file also holds the description of the front end.

    Args:
        network: a model of `networks`.
        path: path of the file, with the suffix `.npz`.
        frontend: description of the network's front end by `describe`, or None.

    Raises:
        BadInput: if the path has another suffix.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise BadInput(f"{path}: weights are saved as .npz; end the path with that")
    arrays = {}
    for place, layer in enumerate(weighted(network)):
        for index, array in enumerate(layer.get_weights()):
            arrays[f"{place:03d}.{type(layer).__name__}.{index}"] = array
    with files.replacing(path) as temporary:
        np.savez_compressed(temporary, **arrays)
        if frontend is not None:
            with zipfile.ZipFile(temporary, "a") as archive:
                archive.writestr(FRONTEND, json.dumps(frontend))


def read(network: keras.Model, path: Path) -> Weights:
    """Pairs the layers of a network with the saved arrays of the layers in the same places.

    Raises:
        BadInput: if the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            frontend = _frontend(archive)
            names = sorted(name.removesuffix(".npy").split(".") for name in archive.namelist() if name != FRONTEND)
            stored = []
            for (_, kind), group in itertools.groupby(names, key=lambda name: name[:2]):
                stored.append((kind, [_stored(path, archive, ".".join(name)) for name in group]))
    except (
        OSError,
        ValueError,
        EOFError,
        RecursionError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
    ) as error:
        raise BadInput(f"{path}: not weights that kerasinst saved ({error}); get the file anew") from None
    return Weights(in_order(network, stored), frontend)


def _frontend(archive: zipfile.ZipFile) -> dict[str, Any] | None:
    """Reads the description of the front end, if there is one."""
    if FRONTEND not in archive.namelist():
        return None
    if archive.getinfo(FRONTEND).file_size > LONGEST:
        raise ValueError(f"{FRONTEND} is too long")
    described = json.loads(archive.read(FRONTEND))
    if not isinstance(described, dict):
        raise ValueError(f"{FRONTEND} holds no object")
    return described


def _stored(path: Path, archive: zipfile.ZipFile, name: str) -> Stored:
    """Reads only the header of an array, which says how large the rest is."""
    with archive.open(f"{name}.npy") as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.kind != "f":
        raise ValueError(f"{name} holds no floating-point numbers")
    return Stored(shape, partial(_read, path, name))


def _read(path: Path, name: str) -> np.ndarray:
    """Reads an array."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[name]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"{path}: {name} cannot be read ({error}); get the file anew") from None
