"""Removes whole channels from a network, which leaves a smaller and faster dense network."""

from collections.abc import Mapping

import keras
import numpy as np

from kerasinst.compression.channel_pruning.cutting import along_axes, cut
from kerasinst.compression.channel_pruning.graph import MAKERS, ChannelNumbers
from kerasinst.compression.channel_pruning.refit import refit_layers
from kerasinst.compression.channel_pruning.selection import choose_channels
from kerasinst.core.errors import BadInput

__all__ = ["MAKERS", "remove_channels"]


def remove_channels(
    network: keras.Model, keep: float | Mapping[str, float], *, features: np.ndarray | None = None
) -> keras.Model:
    """Makes a network with fewer channels that computes nearly the same.

    Convolutions and dense layers lose the output channels whose weights have the smallest L1 norms, multiplied by
    |gamma| if batch normalisation follows; tied channels are judged by the sum of their norms. Layers that read these
    channels are cut to fit. Scores and recurrent units stay.

    With features, what was lost is made up for: each convolution and dense layer, one after the other, gets the weights
    with which its outputs on these features come nearest to those that it had before (ridge regression).

    Args:
        network: functional or sequential model; it is not changed.
        keep: share of channels that each layer keeps, above 0 and up to 1, rounded up, but at least 4 channels. Or
            shares by the layers' names; layers that are neither named nor tied to named ones then keep all channels. Of
            the shares of tied layers the largest counts.
        features: scaled features of some training segments, `(n, frames, bins, channels)`; 1024 of them are used.

    Returns:
        A functional model with layers of the same names; it is not compiled.

    Raises:
        BadInput: if a layer cannot be cut, if none can lose channels, or if a share or the features do not fit.

    Example:
        >>> network = networks.create("strided", (87, 64, 1), n_labels=5)
        >>> remove_channels(network, 0.5, features=train_features).count_params()
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
    if features is not None and (not len(features) or features.shape[1:] != graph.input_shape[1:]):
        wanted = ", ".join(map(str, graph.input_shape[1:]))
        raise BadInput(f"features of shape {features.shape} do not fit the network: give at least one, (n, {wanted})")
    numbers = ChannelNumbers(graph)
    stays = choose_channels(numbers, keep)
    sides = {layer.name: along_axes(layer, stays[numbers.of[layer.name]]) for layer in graph.layers}
    small = cut(graph, sides)
    if features is not None:
        refit_layers(small, graph, sides=sides, features=features)
    return small
