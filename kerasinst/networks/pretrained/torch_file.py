"""PyTorch checkpoints in both formats, read without PyTorch and without running anything that they hold.

A checkpoint is a pickle, and a pickle is a program. Here it may build dictionaries, numbers and descriptions of
tensors; anything else that it asks for is refused by name. The values of tensors are read from the raw bytes beside the
pickle.
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.layer_weights import Stored

DTYPES = {
    "DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "LongStorage": "i8", "IntStorage": "i4",
    "ShortStorage": "i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
"""Data types of NumPy, by the name of PyTorch's storage."""
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001


class _Storage(NamedTuple):
    """Raw numbers in the file.

    Attributes:
        dtype: data type of the numbers.
        key: name of the storage in the file.
        length: how many numbers there are.
        start: first number of a view of the storage.
    """

    dtype: str
    key: str
    length: int
    start: int = 0


class _Tensor(NamedTuple):
    """A description of a tensor, with offset and strides in numbers of its storage."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class _Inert:
    """Stands for what checkpoints hold beside their weights, such as NumPy's arrays, and keeps nothing of it."""

    def __init__(self, *arguments: object) -> None:
        pass


def _rebuild_tensor(
    storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Tensor:
    """Stands for the function of PyTorch that makes a tensor."""
    return _Tensor(storage, offset, size, stride)


ALLOWED: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    **{f"torch.{name}": dtype for name, dtype in DTYPES.items()},
    **{f"numpy.{core}.multiarray.{name}": _Inert for core in ("core", "_core") for name in ("_reconstruct", "scalar")},
    "numpy.ndarray": _Inert,
    "numpy.dtype": _Inert,
    "_codecs.encode": _Inert,
}
"""What takes the place of the classes and functions that a checkpoint may ask for."""


class _Unpickler(pickle._Unpickler):
    """The unpickler of Python that is written in Python; the one in C allocates whatever a few bytes ask for."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="latin1")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Gives what takes the place of a class or function."""
        if f"{module}.{name}" not in ALLOWED:
            raise BadInput(
                f"it asks for {module}.{name}, which weights do not need: give a checkpoint of weights alone"
            )
        return ALLOWED[f"{module}.{name}"]

    def persistent_load(self, pid: Any) -> _Storage:
        """Gives the storage that is described."""
        kind, dtype, key, _, count, *view = pid
        if kind != "storage" or dtype not in DTYPES.values() or not _are_sizes([count]):
            raise ValueError("no storage of numbers")
        storage = self.storages.setdefault(str(key), _Storage(dtype, str(key), count))
        if (dtype, count) != (storage.dtype, storage.length):
            raise ValueError(f"storage {key} is described twice, and not alike")
        return storage._replace(start=view[0][1]) if view and view[0] else storage

    def load_build(self) -> None:
        """Drops the state that would be set on an object, since nothing here needs one."""
        self.stack.pop()  # type: ignore[attr-defined]  # typeshed lacks the attribute

    # Typeshed does not foresee subclasses in the type of these functions' argument.
    dispatch = pickle._Unpickler.dispatch | {pickle.BUILD[0]: load_build}  # type: ignore[assignment]


def read(path: Path) -> dict[str, Stored]:
    """Reads the weights of a checkpoint, by their names; their values are read later.

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


def _open_zip(path: Path) -> tuple[Any, Callable[[_Storage], np.ndarray]]:
    """Opens the format of PyTorch 1.6 and later: a zip archive that compresses nothing."""

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


def _open_legacy(path: Path) -> tuple[Any, Callable[[_Storage], np.ndarray]]:
    """Opens the format before that: pickles one after another, then each storage as its size and its numbers."""
    with path.open("rb") as file:
        if (_Unpickler(file).load(), _Unpickler(file).load()) != (LEGACY_MAGIC, LEGACY_PROTOCOL):
            raise ValueError("it does not begin as one")
        order = "<" if _Unpickler(file).load()["little_endian"] else ">"
        unpickler = _Unpickler(file)
        content = unpickler.load()
        positions = {}
        for key in _Unpickler(file).load():
            storage = unpickler.storages[key]
            if int.from_bytes(file.read(8), "little") != storage.length:
                raise ValueError(f"storage {key} is of another size than described")
            positions[key] = file.tell()
            file.seek(storage.length * np.dtype(storage.dtype).itemsize, io.SEEK_CUR)

    def numbers(storage: _Storage) -> np.ndarray:
        n_bytes = storage.length * np.dtype(storage.dtype).itemsize
        if positions[storage.key] + n_bytes > path.stat().st_size:
            raise EOFError("it ends too early")
        with path.open("rb") as file:
            file.seek(positions[storage.key])
            return np.frombuffer(file.read(n_bytes), order + storage.dtype)

    return content, numbers


def _stored(path: Path, name: str, tensor: _Tensor, numbers: Callable[[_Storage], np.ndarray]) -> Stored:
    """Gives the array of a tensor, if it lies within its storage."""
    storage, offset, size, stride = tensor
    if not isinstance(storage, _Storage) or not _are_sizes([storage.start, offset, *size, *stride]):
        raise ValueError(f"{name} is no tensor")
    first = storage.start + offset
    last = first + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    # A stride of 0 repeats numbers: no weights need it, and a few bytes could ask for any amount.
    n_values = math.prod(size)
    if n_values > storage.length or (n_values and last >= storage.length):
        raise ValueError(f"{name} reaches beyond its storage")

    def read_tensor() -> np.ndarray:
        with _refusing(path):
            flat = numbers(storage)
            if len(flat) != storage.length:
                raise ValueError(f"the storage of {name} is of another size than described")
            strides = [step * flat.itemsize for step in stride]
            return np.lib.stride_tricks.as_strided(flat[first:], size, strides, writeable=False).copy()

    return Stored(tuple(size), read_tensor)


def _are_sizes(values: Iterable[object]) -> bool:
    """Tells whether all values are whole numbers that are not negative."""
    return all(type(value) is int and value >= 0 for value in values)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turns any error into a message of one line, since a damaged or hostile file can raise anything."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    except Exception as error:
        raise BadInput(f"{path}: not a PyTorch checkpoint that can be read ({error}); get the file anew") from None
