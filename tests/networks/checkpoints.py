"""PyTorch checkpoints written byte by byte, and PANNs computed with NumPy: neither needs PyTorch."""

import pickle
import struct
import zipfile

import numpy as np

FILTERS = {"cnn6": (4, 8, 16, 32), "cnn10": (4, 8, 16, 32), "cnn14": (4, 8, 16, 32, 64, 128)}  # a width of 1/16
KERNELS = {"cnn6": (5, 1), "cnn10": (3, 2), "cnn14": (3, 2)}


def panns_weights(variant: str, n_labels: int, bins: int = 64) -> dict[str, np.ndarray]:
    """Random weights under the names and in the shapes of the published checkpoints."""
    random = np.random.default_rng(0)

    def kernel(*shape):
        return random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))

    def normalisation(name, count):
        return {
            f"{name}.weight": random.uniform(0.5, 1.5, count),
            f"{name}.bias": random.standard_normal(count),
            f"{name}.running_mean": random.standard_normal(count),
            f"{name}.running_var": random.uniform(0.5, 1.5, count),
            f"{name}.num_batches_tracked": np.array(7),
        }

    size, convolutions = KERNELS[variant]
    weights = {
        "spectrogram_extractor.stft.conv_real.weight": kernel(5, 1, 8),
        "logmel_extractor.melW": kernel(5, bins),
        **normalisation("bn0", bins),
    }
    before = 1
    for block, filters in enumerate(FILTERS[variant], start=1):
        for index in range(1, convolutions + 1):
            weights[f"conv_block{block}.conv{index}.weight"] = kernel(filters, before, size, size)
            weights |= normalisation(f"conv_block{block}.bn{index}", filters)
            before = filters
    for name, units in (("fc1", before), ("fc_audioset", n_labels)):
        weights |= {f"{name}.weight": kernel(units, before), f"{name}.bias": random.standard_normal(units)}
    return {name: array.astype("i8" if array.dtype.kind == "i" else "f4") for name, array in weights.items()}


def panns_scores(weights: dict[str, np.ndarray], variant: str, picture: np.ndarray) -> np.ndarray:
    """What the published code computes from one picture, `(frames, bins)`, in double precision."""

    def normalise(hidden, name, shape):
        scale, shift, mean, variance = (
            weights[f"{name}.{part}"].astype(float).reshape(shape)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (hidden - mean) / np.sqrt(variance + 1e-5) * scale + shift

    size, convolutions = KERNELS[variant]
    hidden = normalise(picture.astype(float), "bn0", (1, -1))[None]
    for block in range(1, len(FILTERS[variant]) + 1):
        for index in range(1, convolutions + 1):
            name = f"conv_block{block}.{{}}{index}"
            padded = np.pad(hidden, ((0, 0), (size // 2,) * 2, (size // 2,) * 2))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
            kernel = weights[name.format("conv") + ".weight"].astype(float)
            hidden = np.tensordot(kernel, windows, ([1, 2, 3], [0, 3, 4]))
            hidden = np.maximum(normalise(hidden, name.format("bn"), (-1, 1, 1)), 0)
        if block < 6:
            channels, frames, bins = (*hidden.shape[:1], hidden.shape[1] // 2, hidden.shape[2] // 2)
            hidden = hidden[:, : 2 * frames, : 2 * bins].reshape(channels, frames, 2, bins, 2).mean(axis=(2, 4))
    hidden = hidden.mean(axis=2)
    hidden = hidden.max(axis=1) + hidden.mean(axis=1)
    hidden = np.maximum(weights["fc1.weight"] @ hidden + weights["fc1.bias"], 0)
    return 1 / (1 + np.exp(-(weights["fc_audioset.weight"] @ hidden + weights["fc_audioset.bias"])))


def write_checkpoint(path, weights, legacy=False, prefix="", shared=False, sampler=b""):
    """Writes weights as `torch.save({"iteration": 7, "model": weights, "sampler": {...}}, path)` does.

    Args:
        path: of the file.
        weights: arrays by name.
        legacy: the format before PyTorch 1.6.
        prefix: of all names.
        shared: all in one storage of each dtype, matrices with their axes turned.
        sampler: opcodes of one more value, such as `NUMPY_ARRAY`.
    """
    storages, tensors = [], []
    for name, array in weights.items():
        array = np.asarray(array, order="F") if shared and array.ndim == 2 else np.asarray(array, order="C")
        numbers = array.ravel(order="K")
        alike = [key for key, storage in enumerate(storages) if shared and storage.dtype == numbers.dtype]
        key = alike[0] if alike else len(storages)
        if not alike:
            storages.append(numbers[:0])
        offset = len(storages[key])
        storages[key] = np.concatenate([storages[key], numbers])
        strides = [step // array.itemsize for step in array.strides]
        tensors.append((prefix + name, key, offset, array.shape, strides))
    pickled = [
        text(name) + tensor(str(key), storages[key], offset, size, stride, legacy)
        for name, key, offset, size, stride in tensors
    ]
    model = made(called("collections", "OrderedDict"), pickled) + b"}b"  # with a state, as PyTorch's `_metadata`
    content = [text("iteration") + number(7), text("model") + model]
    if sampler:
        content.append(text("sampler") + sampler)
    content = made(b"}", content)
    write_pickled(path, b"\x80\x02" + content + b".", storages, legacy)


def write_pickled(path, pickled, storages=(), legacy=False):
    """Puts a pickle and storages into a file as PyTorch does."""
    if legacy:
        system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
        parts = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, system)]
        parts += [pickled, pickle.dumps([str(key) for key in range(len(storages))], 2)]
        parts += [struct.pack("<q", len(storage)) + storage.tobytes() for storage in storages]
        path.write_bytes(b"".join(parts))
        return path
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", "little")
        for key, storage in enumerate(storages):
            archive.writestr(f"archive/data/{key}", storage.tobytes())
        archive.writestr("archive/version", "3\n")
    return path


def name_of(module: str, name: str) -> bytes:
    """GLOBAL: a thing by its name."""
    return f"c{module}\n{name}\n".encode()


def text(value: str) -> bytes:
    """BINUNICODE."""
    return b"X" + struct.pack("<i", len(value)) + value.encode()


def number(value: int) -> bytes:
    """BININT."""
    return b"J" + struct.pack("<i", value)


def row(*items: bytes) -> bytes:
    """TUPLE."""
    return b"(" + b"".join(items) + b"t"


def called(module: str, name: str, *arguments: bytes) -> bytes:
    """REDUCE: a thing of that name, called."""
    return name_of(module, name) + row(*arguments) + b"R"


def made(empty: bytes, items: list[bytes]) -> bytes:
    """SETITEMS: a dictionary of keys and values."""
    return empty + b"(" + b"".join(items) + b"u"


def tensor(key, storage, offset, size, stride, legacy=False, count=None, view=b"N") -> bytes:
    """A tensor over a storage, or over a view of one, which only the legacy format has."""
    kind = {"f4": "FloatStorage", "f8": "DoubleStorage", "i8": "LongStorage", "f2": "HalfStorage"}[
        storage.dtype.str[1:]
    ]
    described = [text("storage"), name_of("torch", kind), text(key), text("cpu"), number(count or len(storage))]
    pid = row(*described, *([view] * legacy)) + b"Q"
    shape = [row(*map(number, values)) for values in (size, stride)]
    hooks = called("collections", "OrderedDict")
    return called("torch._utils", "_rebuild_tensor_v2", pid, number(offset), *shape, b"\x89", hooks)


NUMPY_ARRAY = (
    called("numpy.core.multiarray", "_reconstruct", name_of("numpy", "ndarray"), row(number(0)), text("b"))
    + row(
        number(1), row(number(1)), called("numpy", "dtype", text("i8"), number(0), number(1)),
        b"\x89", called("_codecs", "encode", text("01234567"), text("latin1")),
    )
    + b"b"
)  # fmt: skip
