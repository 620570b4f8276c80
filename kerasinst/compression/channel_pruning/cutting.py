"""Rebuilds a network with the channels and weights that stay."""

import math

import keras
import numpy as np
from keras import layers

from kerasinst.compression.channel_pruning.graph import MAKERS, RECURRENT, channel_axis, refused


def along_axes(layer: keras.layers.Layer, stays: np.ndarray) -> list[np.ndarray]:
    """Tells what stays along each axis of a layer's output.

    Args:
        layer: the layer.
        stays: whether each value of its output stays.

    Returns:
        For each axis, whether each position stays.

    Raises:
        BadInput: if the layer has channels that stay at some places and go at others.
    """
    axes = range(stays.ndim)
    along = [np.asarray(stays.any(axis=tuple(other for other in axes if other != axis))) for axis in axes]
    if math.prod(int(side.sum()) for side in along) != stays.sum():
        raise refused(layer, "has channels at some places and not at others")
    return along


def cut(graph: keras.Model, sides: dict[str, list[np.ndarray]]) -> keras.Model:
    """Makes a network with the channels and weights that stay.

    Args:
        graph: functional model; it is not changed.
        sides: what stays along each axis of each layer's output, by the layer's name.
    """

    def narrower(layer: keras.layers.Layer) -> keras.layers.Layer:
        config, after = layer.get_config(), sides[layer.name]
        if type(layer) in MAKERS:
            config[MAKERS[type(layer)]] = int(after[-1].sum())
        elif type(layer) is layers.Reshape:
            config["target_shape"] = [int(side.sum()) for side in after]
        elif type(layer) is layers.Bidirectional:
            for direction in ("layer", "backward_layer"):
                config.get(direction, {}).pop("build_config", None)  # it would build them for the old input
        return type(layer).from_config(config)

    small = keras.models.clone_model(graph, clone_function=narrower)
    before = {id(layer.output): sides[layer.name] for layer in graph.layers}
    for layer in graph.layers:
        if layer.weights:
            small.get_layer(layer.name).set_weights(_weights(layer, before[id(layer.input)][-1], sides[layer.name]))
    return small


def _weights(layer: keras.layers.Layer, before: np.ndarray, after: list[np.ndarray]) -> list[np.ndarray]:
    """Cuts the weights of a layer: `before` stays along the last axis of its input, `after` along the output's axes."""
    kind, weights = type(layer), layer.get_weights()
    if kind is layers.BatchNormalization:
        return [weight[after[channel_axis(layer)]] for weight in weights]
    if kind is layers.PReLU:
        for axis, side in enumerate(after):
            if weights[0].shape[axis] > 1:  # not shared along it
                weights[0] = weights[0].compress(side, axis)
        return weights
    if kind in RECURRENT:
        directions = 2 if kind is layers.Bidirectional else 1
        first = range(0, len(weights), len(weights) // directions)
        return [weight[before] if place in first else weight for place, weight in enumerate(weights)]
    depthwise: list[np.ndarray] = []
    if kind is layers.SeparableConv2D:
        depthwise = [weights.pop(0)[..., before, :]]
        before = np.repeat(before, layer.depth_multiplier)
    kernel, *bias = weights
    kernel = kernel[..., before, :]
    if kind is not layers.DepthwiseConv2D:
        kernel = kernel[..., after[-1]]
    return [*depthwise, kernel, *(each[after[-1]] for each in bias)]
