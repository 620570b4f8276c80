"""Gradients with respect to activations, on whichever backend Keras runs."""

from collections.abc import Callable

import keras
import numpy as np


def gradient(function: Callable, at: np.ndarray) -> np.ndarray:
    """The gradient of the sum of a function's values.

    Args:
        function: from a tensor to a tensor of any shape, made of Keras layers and operations.
        at: where, `(batch, ...)`.

    Returns:
        Of the shape of `at`; row by row if the function treats each row for itself.

    Example:
        >>> gradient(lambda x: x**2, np.array([1.0, 3.0], "float32"))
        array([2., 6.], dtype=float32)
    """
    backend = keras.backend.backend()
    at = keras.ops.convert_to_tensor(at)
    if backend == "tensorflow":
        import tensorflow

        with tensorflow.GradientTape() as tape:
            tape.watch(at)
            total = keras.ops.sum(function(at))
        found = tape.gradient(total, at)
    elif backend == "jax":
        import jax

        found = jax.grad(lambda value: keras.ops.sum(function(value)))(at)
    else:
        at = at.detach().clone().requires_grad_()
        keras.ops.sum(function(at)).backward()
        found = at.grad
    return keras.ops.convert_to_numpy(found)
