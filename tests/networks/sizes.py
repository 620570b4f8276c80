"""What a network costs, and smaller forms of the large ones."""

import math

SMALL = {  # of the large ones, so that tests are fast
    "panns": {"variant": "cnn6", "width": 1 / 16},
    "resnet18": {"filters": (8, 16, 24), "blocks": 1},
    "yamnet": {"filters": (8, 16, 24, 32), "strides": (2, 1, 2, 2)},
    "mobilenet_v3_small": {"width": 1 / 4, "dense_units": 64},
    "gru": {"units": (8,)},
    "crnn": {"units": (8, 8)},
}


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
