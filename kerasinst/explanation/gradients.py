"""Computes gradients with respect to activations, on any backend of Keras."""

from collections.abc import Callable

import keras
import numpy as np

from kerasinst.core.types import Tensor


def gradient(function: Callable[[Tensor], Tensor], at: np.ndarray) -> np.ndarray:
    """Computes the gradient of the sum of a function's values.

    Args:
        function: function from a tensor to a tensor of any shape, made of Keras layers and operations.
        at: point at which the gradient is taken, shape `(batch, ...)`.

    Returns:
        Array of the shape of `at`, which holds the gradients of each row if the function treats rows independently.

    Example:
        >>> gradient(lambda x: x**2, np.array([1.0, 3.0], "float32"))
        array([2., 6.], dtype=float32)
    """
    backend = keras.backend.backend()
    point: Tensor = keras.ops.convert_to_tensor(at)
    if backend == "tensorflow":
        import tensorflow

        with tensorflow.GradientTape() as tape:
            tape.watch(point)
            total = keras.ops.sum(function(point))
        found = tape.gradient(total, point)
    elif backend == "jax":
        import jax

        found = jax.grad(lambda value: keras.ops.sum(function(value)))(point)
    else:
        point = point.detach().clone().requires_grad_()
        keras.ops.sum(function(point)).backward()
        found = point.grad
    return keras.ops.convert_to_numpy(found)
