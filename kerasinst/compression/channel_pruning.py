"""Shrinking: whole channels are removed, so that a smaller dense network is left, which is really faster.

Each value between two layers carries the number of the channel that it comes from. Layers that flatten, reshape or turn
a picture do the same to the numbers, so that it is known what a channel takes with it. Where layers add or multiply
channels, their numbers are tied: they stay or go together.
"""

import math
from collections.abc import Iterator, Mapping

import keras
import numpy as np
from keras import layers

from kerasinst.core.errors import BadInput, suggest
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling

LEAST = 4  # channels that each layer keeps in any case
PICTURES, PLACES, AT_ONCE = 1024, 8192, 32  # for a refit: at most; in all of them; in memory
RIDGE = 1e-3
ALWAYS = 0  # the number of what is never removed: the picture's channels, recurrent units, scores

MAKERS = {layers.Conv1D: "filters", layers.Conv2D: "filters", layers.SeparableConv2D: "filters", layers.Dense: "units"}
REFITTED = (layers.Conv1D, layers.Conv2D, layers.Dense)
ELEMENTWISE = (
    layers.Activation, layers.BatchNormalization, layers.Dropout, layers.ELU, layers.GaussianDropout,
    layers.GaussianNoise, layers.Identity, layers.LeakyReLU, layers.PReLU, layers.ReLU, layers.SpatialDropout1D,
    layers.SpatialDropout2D,
)  # fmt: skip
CHANNELWISE = (
    layers.AveragePooling1D, layers.AveragePooling2D, layers.Cropping1D, layers.Cropping2D,
    layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D, layers.MaxPooling1D, layers.MaxPooling2D, layers.ZeroPadding1D, layers.ZeroPadding2D,
)  # fmt: skip
MERGING = (layers.Add, layers.Average, layers.Maximum, layers.Minimum, layers.Multiply, layers.Subtract)
RECURRENT = (layers.GRU, layers.LSTM, layers.SimpleRNN)


def remove_channels(
    network: keras.Model, keep: float | Mapping[str, float], *, pictures: np.ndarray | None = None
) -> keras.Model:
    """A network of fewer channels that computes nearly the same.

    Convolutions and dense layers lose the output channels whose incoming weights have the smallest L1 norms, times
    |gamma| where batch normalisation follows; channels that are tied are judged by their sum. Whatever reads these
    channels is cut to fit. Scores and recurrent units stay.

    With pictures, what was lost is made up for: each convolution and dense layer, one after another, gets the weights
    that on these pictures come nearest to what it gave before (ridge regression).

    Args:
        network: functional or sequential; it is not changed.
        keep: the share of channels that each layer keeps, above 0 and up to 1, rounded up, and never fewer than 4
            channels; or shares by the layers' names, where layers that are neither named nor tied to such keep all. Of
            the shares of layers that are tied the largest counts.
        pictures: some of the training data, `(n, frames, bins, channels)`, without labels; 1024 of them are used.

    Returns:
        A functional model with layers of the same names; it is not compiled.

    Raises:
        BadInput: if a layer cannot be cut or none can lose channels, or if a share or the pictures do not fit.

    Example:
        >>> network = networks.create("strided", (87, 64, 1), 5)
        >>> remove_channels(network, 0.5, train_pictures).count_params()
        11725

    Source: Li et al., Pruning Filters for Efficient ConvNets, ICLR 2017 (L1 norms); He, Zhang and Sun, Channel Pruning
        for Accelerating Very Deep Neural Networks, ICCV 2017 (least squares).
    """
    try:
        (given,), (made,) = network.inputs, network.outputs
    except (AttributeError, ValueError):
        wanted = "functional or sequential model with one input and one output"
        raise BadInput(f"network '{network.name}' cannot be shrunk: it is no {wanted}") from None
    graph = keras.Model(given, made, name=network.name)
    if pictures is not None and (not len(pictures) or pictures.shape[1:] != graph.input_shape[1:]):
        wanted = ", ".join(map(str, graph.input_shape[1:]))
        raise BadInput(f"pictures of shape {pictures.shape} do not fit the network: give at least one, (n, {wanted})")
    numbers = _Numbers(graph)
    stays = _chosen(numbers, keep)
    sides = {layer.name: _along_axes(layer, stays[numbers.of[layer.name]]) for layer in graph.layers}
    small = _cut(graph, sides)
    if pictures is not None:
        _refit(small, graph, sides, pictures[np.sort(np.random.default_rng(0).permutation(len(pictures))[:PICTURES])])
    return small


def _refused(layer, reason: str = "is of a kind that cannot lose channels") -> BadInput:
    kind = type(layer).__name__
    advice = "use a smaller `width` of the network, or distillation, instead"
    return BadInput(f"the network cannot be shrunk by channels, since '{layer.name}' ({kind}) {reason}: {advice}")


class _Numbers:
    """The number of the channel that each value between layers comes from.

    Attributes:
        of: by layer, numbers of the shape of its output.
        made: by layer that makes channels, their numbers.
        norms: by layer that makes channels, how strong they are.
        roots: by number, the smallest that it is tied to.
    """

    def __init__(self, graph: keras.Model):
        self.of: dict[str, np.ndarray] = {}
        self.made: dict[str, np.ndarray] = {}
        self.norms: dict[str, np.ndarray] = {}
        self._parents = [ALWAYS]
        of_tensor, maker = {}, {}
        for layer in graph.operations:
            given, output = _tensors(layer)
            if not all(id(tensor) in of_tensor for tensor in given):
                raise _refused(layer, "reads what a layer gives that is used more than once")
            self.of[layer.name] = of_tensor[id(output)] = self._after(
                layer, [of_tensor[id(tensor)] for tensor in given], output.shape[1:]
            )
            if type(layer) in MAKERS:
                kernel = layer.get_weights()[-2 if layer.use_bias else -1]
                self.norms[layer.name] = np.abs(kernel).sum(axis=tuple(range(kernel.ndim - 1)))
                maker[id(output)] = layer.name
            elif type(layer) is layers.BatchNormalization and layer.scale and id(given[0]) in maker:
                of_channels = _axis(layer) in (-1, len(output.shape) - 2)
                self.norms[maker[id(given[0])]] *= np.abs(layer.get_weights()[0]) if of_channels else 1
        self._tie(ALWAYS, *np.unique(of_tensor[id(graph.output)]))
        self.roots = np.array([self._root(number) for number in range(len(self._parents))])

    def _after(self, layer, given: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
        """The numbers of a layer's output."""
        kind = type(layer)
        if getattr(layer, "data_format", None) == "channels_first" or getattr(layer, "groups", 1) != 1:
            raise _refused(layer, "has groups of channels, or has them before frames")
        if None in shape:
            raise _refused(layer, f"is for pictures of any size, {shape}")
        if kind is layers.InputLayer:
            return np.full(shape, ALWAYS)
        if kind in ELEMENTWISE:
            return given[0]
        if kind in (layers.Flatten, layers.Reshape):
            return given[0].reshape(shape)
        if kind is layers.Permute:
            return given[0].transpose([axis - 1 for axis in layer.dims])
        if kind is layers.Concatenate:
            return np.concatenate(given, _axis(layer))
        alike = [self._alike_everywhere(numbers) for numbers in given]
        if kind in MAKERS:
            alike = self.made[layer.name] = len(self._parents) + np.arange(shape[-1])
            self._parents += alike.tolist()
        elif kind in RECURRENT:
            alike = np.full(shape[-1], ALWAYS)
        elif kind in MERGING:
            alike = self._merged(alike)
        elif kind is layers.DepthwiseConv2D:
            alike = np.repeat(alike[0], layer.depth_multiplier)
        elif kind is StatisticsPooling:
            alike = np.tile(alike[0], 2)
        elif kind in CHANNELWISE:
            alike = alike[0]
        else:
            raise _refused(layer)
        return np.broadcast_to(alike, shape)

    def _alike_everywhere(self, numbers: np.ndarray) -> np.ndarray:
        """The numbers along the last axis; if they differ from place to place they are tied."""
        rows = numbers.reshape(-1, numbers.shape[-1])
        if (rows != rows[0]).any():
            for column in rows.T:
                self._tie(*np.unique(column))
        return rows[0]

    def _merged(self, channels: list[np.ndarray]) -> np.ndarray:
        widest = max(channels, key=len)
        for numbers in channels:
            if len(numbers) == len(widest):  # or else it is one channel, which is never removed
                for pair in zip(widest, numbers, strict=True):
                    self._tie(*pair)
        return widest

    def _tie(self, *numbers: int) -> None:
        roots = [self._root(number) for number in numbers]
        for root in roots:
            self._parents[root] = min(roots)

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            number = self._parents[number]
        return number


def _tensors(layer) -> tuple[list, keras.KerasTensor]:
    """What a layer is given, and what it gives."""
    if isinstance(layer, keras.Model):
        raise _refused(layer, "is a network within the network")
    if not isinstance(layer.output, keras.KerasTensor):
        raise _refused(layer, "gives more than one output")
    return ([] if isinstance(layer, layers.InputLayer) else keras.tree.flatten(layer.input)), layer.output


def _axis(layer) -> int:
    """Of a layer, for an array without the batch."""
    return layer.axis - 1 if layer.axis > 0 else layer.axis


def _chosen(numbers: _Numbers, keep: float | Mapping[str, float]) -> np.ndarray:
    """By number, whether it stays."""
    roots = numbers.roots
    free = {name: roots[made] for name, made in numbers.made.items() if (roots[made] != ALWAYS).any()}
    shares = dict(keep) if isinstance(keep, Mapping) else dict.fromkeys(free, keep)
    for share in shares.values() if isinstance(keep, Mapping) else [keep]:
        if not 0 < share <= 1:
            raise BadInput(f"keep={share}: give the share of channels that stay, above 0 and up to 1")
    for name in shares.keys() - free.keys():
        raise BadInput(f"keep: '{name}' is no layer that can lose channels; {suggest(name, free)}")
    if not free and keep != 1:
        raise BadInput("keep: no layer of the network can lose channels; give the network fewer units instead")
    strength = np.zeros(len(roots))
    for name, norms in numbers.norms.items():  # relative to their mean, so that tied layers have an equal say
        np.add.at(strength, roots[numbers.made[name]], norms / max(norms.mean(), 1e-30))
    strength[ALWAYS] = np.inf
    stays = np.ones(len(roots), bool)
    for name in shares:
        stays[free[name]] = False
    for name, share in shares.items():
        count = max(LEAST, math.ceil(round(share * len(free[name]), 6)))
        stays[free[name][np.argsort(-strength[free[name]], kind="stable")[:count]]] = True
    return stays[roots]


def _along_axes(layer, stays: np.ndarray) -> list[np.ndarray]:
    """What stays along each axis of a layer's output."""
    axes = range(stays.ndim)
    along = [stays.any(axis=tuple(other for other in axes if other != axis)) for axis in axes]
    if math.prod(int(side.sum()) for side in along) != stays.sum():
        raise _refused(layer, "has channels at some places and not at others")
    return along


def _cut(graph: keras.Model, sides: dict[str, list[np.ndarray]]) -> keras.Model:
    """The network with the channels and weights that stay."""

    def narrower(layer):
        config, after = layer.get_config(), sides[layer.name]
        if type(layer) in MAKERS:
            config[MAKERS[type(layer)]] = int(after[-1].sum())
        elif type(layer) is layers.Reshape:
            config["target_shape"] = [int(side.sum()) for side in after]
        return type(layer).from_config(config)

    small = keras.models.clone_model(graph, clone_function=narrower)
    before = {id(layer.output): sides[layer.name] for layer in graph.layers}
    for layer in graph.layers:
        if layer.weights:
            small.get_layer(layer.name).set_weights(_weights(layer, before[id(layer.input)][-1], sides[layer.name]))
    return small


def _weights(layer, before: np.ndarray, after: list[np.ndarray]) -> list[np.ndarray]:
    """Those that stay: `before` along the last axis of the input, `after` along all axes of the output."""
    kind, weights = type(layer), layer.get_weights()
    if kind is layers.BatchNormalization:
        return [weight[after[_axis(layer)]] for weight in weights]
    if kind is layers.PReLU:
        for axis, side in enumerate(after):
            if weights[0].shape[axis] > 1:  # not shared along it
                weights[0] = weights[0].compress(side, axis)
        return weights
    if kind in RECURRENT:
        return [weights[0][before], *weights[1:]]
    depthwise = []
    if kind is layers.SeparableConv2D:
        depthwise = [weights.pop(0)[..., before, :]]
        before = np.repeat(before, layer.depth_multiplier)
    kernel, *bias = weights
    kernel = kernel[..., before, :]
    if kind is not layers.DepthwiseConv2D:
        kernel = kernel[..., after[-1]]
    return [*depthwise, kernel, *(each[after[-1]] for each in bias)]


def _refit(small: keras.Model, graph: keras.Model, sides: dict[str, list[np.ndarray]], pictures: np.ndarray) -> None:
    """Gives the layers of the small network, from the first to the last, weights that make up for what was lost."""
    names = [layer.name for layer in graph.layers if type(layer) in REFITTED]
    wanted: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for windows in _seen(graph, names, pictures):
        for name, seen in zip(names, windows, strict=True):
            kernel = graph.get_layer(name).get_weights()[0][..., sides[name][-1]]
            wanted[name].append(seen @ kernel.reshape(-1, kernel.shape[-1]))
    for name in names:
        layer = small.get_layer(name)
        kernel, *bias = layer.get_weights()
        seen = np.concatenate([windows[0] for windows in _seen(small, [name], pictures)])
        lost = np.concatenate(wanted.pop(name)) - seen @ kernel.reshape(-1, kernel.shape[-1])
        middle, level = (seen.mean(axis=0), lost.mean(axis=0)) if bias else (0, 0)
        change = _ridge(seen - middle, lost - level)
        layer.set_weights([kernel + change.reshape(kernel.shape), *(each + level - middle @ change for each in bias)])


def _ridge(given: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Weights `(m, k)` that make of `(n, m)` nearly `(n, k)`, and are themselves not large."""
    few = len(given) < given.shape[1]
    gram = (given @ given.T if few else given.T @ given).astype("float64")
    gram[np.diag_indices_from(gram)] += max(RIDGE * np.trace(gram) / given.shape[1], 1e-12)
    return given.T @ np.linalg.solve(gram, wanted) if few else np.linalg.solve(gram, given.T @ wanted)


def _seen(model: keras.Model, names: list[str], pictures: np.ndarray) -> Iterator[list[np.ndarray]]:
    """What the kernel of each layer lies over at random places of some pictures, and then of others.

    The places are the same for a network and its smaller form.
    """
    inside = keras.Model(model.input, [model.get_layer(name).input for name in names])
    each = math.ceil(PLACES / len(pictures))
    for first in range(0, len(pictures), AT_ONCE):
        found = keras.tree.flatten(inside(pictures[first : first + AT_ONCE]))
        yield [
            _windows(model.get_layer(name), keras.ops.convert_to_numpy(values), each, np.random.default_rng(first))
            for name, values in zip(names, found, strict=True)
        ]


def _windows(layer, values: np.ndarray, each: int, random: np.random.Generator) -> np.ndarray:
    """What the kernel of a layer lies over at `each` places of each picture, `(places, weights)`."""
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
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, [(0, 0), *pads, (0, 0)]), spans, axes)
    windows = windows[tuple(slice(None, None, step) for step in (1, *strides, 1, *dilations))]
    shape = windows.shape[1 : 1 + len(spans)]
    places = random.random((len(values), math.prod(shape))).argsort(axis=1)[:, :each]
    chosen = windows[(np.arange(len(values))[:, None], *np.unravel_index(places, shape))]
    return np.moveaxis(chosen, 2, -1).reshape(places.size, -1).astype("float32")
