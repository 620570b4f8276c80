"""Fits the layers of a cut network to the outputs of the whole network, by least squares."""

import math
from collections.abc import Iterator

import keras
import numpy as np
from keras import layers

REFITTED = (layers.Conv1D, layers.Conv2D, layers.Dense)
"""Layers that are fitted."""
SAMPLES = 1024
"""Number of samples to which layers are fitted, at most."""
PLACES = 8192
"""Number of places in all samples together at which a layer is fitted."""
AT_ONCE = 32
"""Number of samples in memory at a time."""
RIDGE = 1e-3
"""Weight of the squared change of a layer's weights, relative to the mean power of its inputs."""


def refit_layers(
    small: keras.Model, graph: keras.Model, *, sides: dict[str, list[np.ndarray]], features: np.ndarray
) -> None:
    """Fits the layers of a cut network, from the first to the last, to the outputs of the layers of the whole one.

    Each convolution and dense layer gets the weights that make up best for the channels that were lost (ridge
    regression).

    Args:
        small: the cut network, whose weights are changed.
        graph: the whole network.
        sides: what stays along each axis of each layer's output, by the layer's name.
        features: features to fit to, `(n, frames, bins, channels)`; a random choice of them is used.
    """
    features = features[np.sort(np.random.default_rng(0).permutation(len(features))[:SAMPLES])]
    names = [layer.name for layer in graph.layers if type(layer) in REFITTED]
    wanted: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for windows in _seen(graph, names, features):
        for name, seen in zip(names, windows, strict=True):
            kernel = graph.get_layer(name).get_weights()[0][..., sides[name][-1]]
            wanted[name].append(seen @ kernel.reshape(-1, kernel.shape[-1]))
    for name in names:
        layer = small.get_layer(name)
        kernel, *bias = layer.get_weights()
        seen = np.concatenate([windows[0] for windows in _seen(small, [name], features)])
        lost = np.concatenate(wanted.pop(name)) - seen @ kernel.reshape(-1, kernel.shape[-1])
        middle, level = (seen.mean(axis=0), lost.mean(axis=0)) if bias else (0, 0)
        change = _ridge(seen - middle, lost - level)
        layer.set_weights([kernel + change.reshape(kernel.shape), *(each + level - middle @ change for each in bias)])


def _ridge(given: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Computes small weights `(m, k)` by which given values `(n, m)` become nearly the wanted ones `(n, k)`."""
    few = len(given) < given.shape[1]
    gram = (given @ given.T if few else given.T @ given).astype("float64")
    gram[np.diag_indices_from(gram)] += max(RIDGE * np.trace(gram) / given.shape[1], 1e-12)
    return given.T @ np.linalg.solve(gram, wanted) if few else np.linalg.solve(gram, given.T @ wanted)


def _seen(model: keras.Model, names: list[str], features: np.ndarray) -> Iterator[list[np.ndarray]]:
    """Yields the inputs of each layer's kernel at random places, for a few samples at a time.

    The places are the same for a network and its cut form.
    """
    inside = keras.Model(model.input, [model.get_layer(name).input for name in names])
    each = math.ceil(PLACES / len(features))
    for first in range(0, len(features), AT_ONCE):
        found = keras.tree.flatten(inside(features[first : first + AT_ONCE]))
        yield [
            _windows(model.get_layer(name), keras.ops.convert_to_numpy(values), each, np.random.default_rng(first))
            for name, values in zip(names, found, strict=True)
        ]


def _windows(layer: keras.layers.Layer, values: np.ndarray, each: int, random: np.random.Generator) -> np.ndarray:
    """Gives the inputs of a layer's kernel at `each` random places of each sample, `(places, weights)`."""
    if type(layer) is layers.Dense:
        values = values.reshape(len(values), -1, values.shape[-1])
        sizes, strides, dilations, padding = (1,), (1,), (1,), "valid"
    else:
        sizes, strides, dilations, padding = layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding
    spans = [(size - 1) * dilation + 1 for size, dilation in zip(sizes, dilations, strict=True)]
    pads = []
    for side, span, stride in zip(values.shape[1:-1], spans, strides, strict=True):
        missing = 0 if padding == "valid" else max((math.ceil(side / stride) - 1) * stride + span - side, 0)
        pads.append((span - 1, 0) if padding == "causal" else (missing // 2, missing - missing // 2))
    axes = tuple(range(1, 1 + len(spans)))
    padded = np.pad(values, [(0, 0), *pads, (0, 0)])
    # The stubs of NumPy do not know that there may be several axes.
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axes)  # type: ignore[call-overload]
    windows = windows[tuple(slice(None, None, step) for step in (1, *strides, 1, *dilations))]
    shape = windows.shape[1 : 1 + len(spans)]
    places = random.random((len(values), math.prod(shape))).argsort(axis=1)[:, :each]
    at = (np.arange(len(values))[:, None], *np.unravel_index(places, shape))
    return np.moveaxis(windows[at], 2, -1).reshape(places.size, -1).astype("float32")
