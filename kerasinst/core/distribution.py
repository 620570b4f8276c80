"""Where Keras computes: on which devices, on how many of them at once, and whether XLA compiles it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import keras


def devices(kind: str | None = None) -> list[str]:
    """Names of the devices of a kind ("gpu", "tpu" or "cpu"; None is all); none on PyTorch, which has no such list."""
    if keras.backend.backend() == "torch":
        return []
    try:
        return keras.distribution.list_devices(kind)
    except RuntimeError:  # what JAX raises where there is none of the kind
        return []


def first_device() -> str:
    """What trains, if one device does: its name, such as "gpu:0" or "cpu"."""
    if keras.backend.backend() == "torch":
        import torch

        return "gpu:0" if torch.cuda.is_available() else "cpu"
    return (devices("gpu") or devices("tpu") or ["cpu"])[0]


@contextmanager
def all_devices(kind: str = "gpu") -> Iterator[int]:
    """Spreads batches of models that are made in the block over all devices; yields how many there are.

    With one device, or with PyTorch, whose backend in Keras has no such thing, nothing changes. Each batch should have
    at least as many samples as there are devices.

    Args:
        kind: "gpu", "tpu" or "cpu".

    Example:
        >>> with all_devices() as count:
        ...     fit(build, scaling, training, train, validation, seed, state)
    """
    found = devices(kind)
    if len(found) < 2:
        yield 1
    elif keras.backend.backend() == "tensorflow":
        import tensorflow  # the one place where training needs more of it than Keras gives

        with tensorflow.distribute.MirroredStrategy(found).scope():
            yield len(found)
    else:
        with keras.distribution.DataParallel(devices=found).scope():
            yield len(found)


def worth_compiling() -> bool | Literal["auto"]:
    """What `keras.Model.compile` takes as `jit_compile`.

    XLA pays on accelerators; on CPUs TensorFlow's own convolutions are many times faster than XLA's.
    """
    return "auto" if keras.backend.backend() != "tensorflow" or devices("gpu") else False
