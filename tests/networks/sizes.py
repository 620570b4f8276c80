"""Counting what a network costs."""

import math


def multiply_adds(network) -> int:
    """Multiply-adds of the layers with kernels, for one picture."""
    return sum(_of_layer(layer) for layer in network.layers)


def _of_layer(layer) -> int:
    kind = layer.__class__.__name__
    if kind in ("Conv2D", "Dense"):
        return math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    if kind == "DepthwiseConv2D":
        return math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    if kind == "GRU":
        frames = layer.input.shape[1]
        return frames * (math.prod(layer.cell.kernel.shape) + math.prod(layer.cell.recurrent_kernel.shape))
    return 0
