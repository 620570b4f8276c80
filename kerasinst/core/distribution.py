"""Finds the devices that Keras computes on, and spreads training over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import keras


def devices(kind: str | None = None) -> list[str]:
    """Lists the names of the devices of a kind.

    Args:
        kind: "gpu", "tpu" or "cpu"; None is all.

    Returns:
        Names such as "gpu:0"; no names with PyTorch, for which Keras has no such list.
    """
    if keras.backend.backend() == "torch":
        return []
    try:
        return keras.distribution.list_devices(kind)
    except RuntimeError:  # JAX raises it if there is no device of the kind
        return []


def first_device() -> str:
    """Returns the name of the device that trains if only one does, such as "gpu:0" or "cpu"."""
    if keras.backend.backend() == "torch":
        import torch

        return "gpu:0" if torch.cuda.is_available() else "cpu"
    return (devices("gpu") or devices("tpu") or ["cpu"])[0]


@contextmanager
def all_devices(kind: str = "gpu") -> Iterator[int]:
    """Spreads the batches of models that are made in the block over all devices.

    With fewer than two devices, or with PyTorch, nothing changes. Each batch should have at least as many samples as
    there are devices.

    Args:
        kind: "gpu", "tpu" or "cpu".

    Yields:
        The number of devices that are used.

    Example:
        >>> with all_devices() as count:
        ...     network = build()
        ...     network.compile(optimizer="adam", loss="categorical_crossentropy")
        ...     network.fit(features, targets, batch_size=32 * count)
    """
    found = devices(kind)
    if len(found) < 2:
        yield 1
    elif keras.backend.backend() == "tensorflow":
        import tensorflow  # Keras has no such strategy for TensorFlow

        with tensorflow.distribute.MirroredStrategy(found).scope():
            yield len(found)
    else:
        with keras.distribution.DataParallel(devices=found).scope():
            yield len(found)


def worth_compiling() -> bool | Literal["auto"]:
    """Returns the value of `jit_compile` for `keras.Model.compile`.

    It is "auto", except for TensorFlow without a GPU, whose own convolutions are many times faster than XLA's on a CPU.
    """
    return "auto" if keras.backend.backend() != "tensorflow" or devices("gpu") else False
