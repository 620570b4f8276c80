"""PyTorch checkpoints, both formats, read without PyTorch and without running anything that they hold.

A checkpoint is a pickle, and a pickle is a program. This one may build dictionaries, numbers and descriptions of
tensors; whatever else it asks for is refused by name. Tensors are read from the raw bytes beside the pickle.
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.stored import Stored

DTYPES = {
    "DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "LongStorage": "i8", "IntStorage": "i4",
    "ShortStorage": "i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001


class _Storage(NamedTuple):
    """Raw numbers in the file; a view of them starts later."""

    dtype: str
    key: str
    count: int
    start: int = 0


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class _Inert:
    """Stands in for what checkpoints hold beside their weights, such as NumPy's arrays; keeps nothing."""

    def __init__(self, *arguments):
        pass


def _rebuild_tensor(storage, offset, size, stride, *_):
    return _Tensor(storage, offset, size, stride)


ALLOWED = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    **{f"torch.{name}": dtype for name, dtype in DTYPES.items()},
    **{f"numpy.{core}.multiarray.{name}": _Inert for core in ("core", "_core") for name in ("_reconstruct", "scalar")},
    "numpy.ndarray": _Inert,
    "numpy.dtype": _Inert,
    "_codecs.encode": _Inert,
}


class _Unpickler(pickle._Unpickler):
    """Python's own unpickler in Python: the one in C allocates whatever a few bytes tell it to."""

    def __init__(self, file):
        super().__init__(file, encoding="latin1")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module, name):
        if f"{module}.{name}" not in ALLOWED:
            raise BadInput(
                f"it asks for {module}.{name}, which weights do not need: give a checkpoint of weights alone"
            )
        return ALLOWED[f"{module}.{name}"]

    def persistent_load(self, pid):
        kind, dtype, key, _, count, *view = pid
        if kind != "storage" or dtype not in DTYPES.values() or not _are_sizes([count]):
            raise ValueError("no storage of numbers")
        storage = self.storages.setdefault(str(key), _Storage(dtype, str(key), count))
        if (dtype, count) != (storage.dtype, storage.count):
            raise ValueError(f"storage {key} is described twice, and not alike")
        return storage._replace(start=view[0][1]) if view and view[0] else storage

    def load_build(self):
        self.stack.pop()  # a state would be set on what was built, and nothing here needs one

    dispatch = pickle._Unpickler.dispatch | {pickle.BUILD[0]: load_build}


def read(path: Path) -> dict[str, Stored]:
    """The weights of a checkpoint, by their names.

    Raises:
        BadInput: if it is damaged, asks for anything but weights, or holds none.
    """
    with _refusing(path):
        content, numbers = _open_zip(path) if zipfile.is_zipfile(path) else _open_legacy(path)
        for key in ("model", "state_dict"):
            if isinstance(content, dict) and isinstance(content.get(key), dict):
                content = content[key]
        tensors = {name: tensor for name, tensor in dict(content).items() if isinstance(tensor, _Tensor)}
        if not tensors:
            raise BadInput("it holds no weights: give a checkpoint of weights alone")
        return {str(name): _stored(path, str(name), tensor, numbers) for name, tensor in tensors.items()}


def _open_zip(path: Path) -> tuple[object, Callable[[_Storage], np.ndarray]]:
    """The format of PyTorch 1.6 and later: a zip archive that compresses nothing."""

    def member(archive: zipfile.ZipFile, name: str) -> bytes:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > path.stat().st_size:
            raise ValueError(f"{name} is not stored as PyTorch stores it")
        return archive.read(info)

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        pickled = next(name for name in names if name.endswith("data.pkl"))
        root = pickled.removesuffix("data.pkl")
        order = ">" if f"{root}byteorder" in names and member(archive, f"{root}byteorder") == b"big" else "<"
        content = _Unpickler(io.BytesIO(member(archive, pickled))).load()

    def numbers(storage: _Storage) -> np.ndarray:
        with zipfile.ZipFile(path) as archive:
            return np.frombuffer(member(archive, f"{root}data/{storage.key}"), order + storage.dtype)

    return content, numbers


def _open_legacy(path: Path) -> tuple[object, Callable[[_Storage], np.ndarray]]:
    """The format before: pickles one after another, then each storage as its size and its numbers."""
    with path.open("rb") as file:
        if (_Unpickler(file).load(), _Unpickler(file).load()) != (LEGACY_MAGIC, LEGACY_PROTOCOL):
            raise ValueError("it does not begin as one")
        order = "<" if _Unpickler(file).load()["little_endian"] else ">"
        unpickler = _Unpickler(file)
        content = unpickler.load()
        positions = {}
        for key in _Unpickler(file).load():
            storage = unpickler.storages[key]
            if int.from_bytes(file.read(8), "little") != storage.count:
                raise ValueError(f"storage {key} is of another size than described")
            positions[key] = file.tell()
            file.seek(storage.count * np.dtype(storage.dtype).itemsize, io.SEEK_CUR)

    def numbers(storage: _Storage) -> np.ndarray:
        n_bytes = storage.count * np.dtype(storage.dtype).itemsize
        if positions[storage.key] + n_bytes > path.stat().st_size:
            raise EOFError("it ends too early")
        with path.open("rb") as file:
            file.seek(positions[storage.key])
            return np.frombuffer(file.read(n_bytes), order + storage.dtype)

    return content, numbers


def _stored(path: Path, name: str, tensor: _Tensor, numbers: Callable[[_Storage], np.ndarray]) -> Stored:
    """A tensor as an array to be read, if it lies within its storage."""
    storage, offset, size, stride = tensor
    if not isinstance(storage, _Storage) or not _are_sizes([storage.start, offset, *size, *stride]):
        raise ValueError(f"{name} is no tensor")
    first = storage.start + offset
    last = first + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    # A stride of 0 repeats numbers: no weights need it, and a few bytes could ask for any amount.
    if math.prod(size) > storage.count or (math.prod(size) and last >= storage.count):
        raise ValueError(f"{name} reaches beyond its storage")

    def read_tensor() -> np.ndarray:
        with _refusing(path):
            flat = numbers(storage)
            if len(flat) != storage.count:
                raise ValueError(f"the storage of {name} is of another size than described")
            strides = [step * flat.itemsize for step in stride]
            return np.lib.stride_tricks.as_strided(flat[first:], size, strides, writeable=False).copy()

    return Stored(tuple(size), read_tensor)


def _are_sizes(values) -> bool:
    return all(type(value) is int and value >= 0 for value in values)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turns whatever goes wrong into one line; a damaged or hostile file can raise anything."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    except Exception as error:
        raise BadInput(f"{path}: not a PyTorch checkpoint that can be read ({error}); get the file anew") from None
