"""Finds out which weights of a network belong to which channel.

Every value between two layers gets the number of the channel that it comes from. The numbers pass through the network
as the values do: a layer that flattens, reshapes or transposes its input does so with the numbers, too. When a channel
is removed, all weights that meet its number are removed with it. Channels that a layer adds or multiplies are tied:
they stay or go together.
"""

import keras
import numpy as np
from keras import layers

from kerasinst.core.errors import BadInput
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling

ALWAYS = 0
"""Number of what is never removed: the channels of the features, recurrent units and scores."""

MAKERS: dict[type[keras.layers.Layer], str] = {
    layers.Conv1D: "filters",
    layers.Conv2D: "filters",
    layers.SeparableConv2D: "filters",
    layers.Dense: "units",
}
"""Layers that make channels, and the argument that gives their number."""
ELEMENTWISE = (
    layers.Activation, layers.BatchNormalization, layers.Dropout, layers.ELU, layers.GaussianDropout,
    layers.GaussianNoise, layers.Identity, layers.LeakyReLU, layers.PReLU, layers.ReLU, layers.SpatialDropout1D,
    layers.SpatialDropout2D,
)  # fmt: skip
"""Layers that compute each value from the value in the same place."""
CHANNELWISE = (
    layers.AveragePooling1D, layers.AveragePooling2D, layers.Cropping1D, layers.Cropping2D,
    layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D, layers.MaxPooling1D, layers.MaxPooling2D, layers.ZeroPadding1D, layers.ZeroPadding2D,
)  # fmt: skip
"""Layers that compute each channel from the same channel."""
MERGING = (layers.Add, layers.Average, layers.Maximum, layers.Minimum, layers.Multiply, layers.Subtract)
"""Layers that combine the same channels of several inputs."""
RECURRENT = (layers.GRU, layers.LSTM, layers.SimpleRNN, layers.Bidirectional)
"""Recurrent layers, whose units are never removed."""


def refused(layer: keras.layers.Layer, reason: str = "is of a kind that cannot lose channels") -> BadInput:
    """Makes the error that says which layer cannot be cut, and why."""
    kind = type(layer).__name__
    advice = "use a smaller `width` of the network, or distillation, instead"
    return BadInput(f"the network cannot be shrunk by channels, since '{layer.name}' ({kind}) {reason}: {advice}")


class ChannelNumbers:
    """Numbers of the channels from which the values between layers come.

    Args:
        graph: functional model with one input and one output.

    Attributes:
        of: numbers of each layer's output, of its shape without the batch, by the layer's name.
        made: numbers of the channels that a layer makes, by the layer's name.
        norms: norm of the weights of each of these channels, by the layer's name.
        roots: for each number, the smallest number to which it is tied.

    Raises:
        BadInput: if a layer is of a kind whose channels cannot be followed.
    """

    def __init__(self, graph: keras.Model) -> None:
        self.of: dict[str, np.ndarray] = {}
        self.made: dict[str, np.ndarray] = {}
        self.norms: dict[str, np.ndarray] = {}
        self._parents = [ALWAYS]
        of_tensor: dict[int, np.ndarray] = {}
        maker: dict[int, str] = {}
        for layer in graph.operations:
            given, output = _tensors(layer)
            if not all(id(tensor) in of_tensor for tensor in given):
                raise refused(layer, "reads what a layer gives that is used more than once")
            self.of[layer.name] = of_tensor[id(output)] = self._after(
                layer, [of_tensor[id(tensor)] for tensor in given], output.shape[1:]
            )
            if type(layer) in MAKERS:
                kernel = layer.get_weights()[-2 if layer.use_bias else -1]
                self.norms[layer.name] = np.abs(kernel).sum(axis=tuple(range(kernel.ndim - 1)))
                maker[id(output)] = layer.name
            elif type(layer) is layers.BatchNormalization and layer.scale and id(given[0]) in maker:
                of_channels = channel_axis(layer) in (-1, len(output.shape) - 2)
                self.norms[maker[id(given[0])]] *= np.abs(layer.get_weights()[0]) if of_channels else 1
        self._tie(ALWAYS, *np.unique(of_tensor[id(graph.output)]))
        self.roots = np.array([self._root(number) for number in range(len(self._parents))])

    def _after(self, layer: keras.layers.Layer, given: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
        """Gives the numbers of a layer's output, from those of its inputs."""
        kind = type(layer)
        if getattr(layer, "data_format", None) == "channels_first" or getattr(layer, "groups", 1) != 1:
            raise refused(layer, "has groups of channels, or has them before frames")
        if None in shape:
            raise refused(layer, f"takes features of any size, {shape}")
        if kind is layers.InputLayer:
            return np.full(shape, ALWAYS)
        if kind in ELEMENTWISE:
            return given[0]
        if kind in (layers.Flatten, layers.Reshape):
            return given[0].reshape(shape)
        if kind is layers.Permute:
            return given[0].transpose([axis - 1 for axis in layer.dims])
        if kind is layers.Concatenate:
            return np.concatenate(given, channel_axis(layer))
        channels = [self._alike_everywhere(numbers) for numbers in given]
        return np.broadcast_to(self._channels_after(layer, channels, shape[-1]), shape)

    def _channels_after(self, layer: keras.layers.Layer, given: list[np.ndarray], count: int) -> np.ndarray:
        """Gives the numbers along the last axis of the output of a layer that is the same at all places."""
        kind = type(layer)
        if kind in MAKERS:
            made = self.made[layer.name] = len(self._parents) + np.arange(count)
            self._parents += made.tolist()
            return made
        if kind in RECURRENT:
            return np.full(count, ALWAYS)
        if kind in MERGING:
            return self._merged(given)
        if kind is layers.DepthwiseConv2D:
            return np.repeat(given[0], layer.depth_multiplier)
        if kind is StatisticsPooling:
            return np.tile(given[0], 2)
        if kind in CHANNELWISE:
            return given[0]
        raise refused(layer)

    def _alike_everywhere(self, numbers: np.ndarray) -> np.ndarray:
        """Gives the numbers along the last axis; if they differ from place to place, they are tied."""
        rows = numbers.reshape(-1, numbers.shape[-1])
        if (rows != rows[0]).any():
            for column in rows.T:
                self._tie(*np.unique(column))
        return rows[0]

    def _merged(self, channels: list[np.ndarray]) -> np.ndarray:
        """Ties the numbers of channels that are added or multiplied."""
        widest = max(channels, key=len)
        for numbers in channels:
            if len(numbers) == len(widest):  # or else it is one channel, which is never removed
                for pair in zip(widest, numbers, strict=True):
                    self._tie(*pair)
        return widest

    def _tie(self, *numbers: int) -> None:
        """Ties numbers, so that their channels stay or go together."""
        roots = [self._root(number) for number in numbers]
        for root in roots:
            self._parents[root] = min(roots)

    def _root(self, number: int) -> int:
        """Gives the smallest number to which a number is tied."""
        while self._parents[number] != number:
            number = self._parents[number]
        return number


def _tensors(layer: keras.layers.Layer) -> tuple[list[keras.KerasTensor], keras.KerasTensor]:
    """Gives the inputs and the output of a layer."""
    if isinstance(layer, keras.Model):
        raise refused(layer, "is a network within the network")
    if not isinstance(layer.output, keras.KerasTensor):
        raise refused(layer, "gives more than one output")
    return ([] if isinstance(layer, layers.InputLayer) else keras.tree.flatten(layer.input)), layer.output


def channel_axis(layer: keras.layers.Layer) -> int:
    """Gives the axis of a layer, for an array without the batch."""
    return layer.axis - 1 if layer.axis > 0 else layer.axis
