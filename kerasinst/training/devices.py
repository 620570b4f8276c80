"""Training on all devices of a machine: each computes a part of every batch."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


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
    devices = keras.distribution.list_devices(kind)
    backend = keras.backend.backend()
    if len(devices) < 2 or backend == "torch":
        yield 1
    elif backend == "tensorflow":
        import tensorflow  # the one place where training needs more of it than Keras gives

        with tensorflow.distribute.MirroredStrategy(devices).scope():
            yield len(devices)
    else:
        with keras.distribution.DataParallel(devices=devices).scope():
            yield len(devices)
