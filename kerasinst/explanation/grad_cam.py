"""Grad-CAM and Grad-CAM++, which show where in the features a convolution finds what speaks for a label."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerasinst.core.errors import BadInput, suggest
from kerasinst.explanation.gradients import Tensor, gradient

CONVOLUTIONS = (
    keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D, keras.layers.SeparableConv2D,
)  # fmt: skip
"""Layers that can be explained."""


class GradCam:
    """Makes heatmaps of a network's scores over its features.

    Gradients are those of the scores before the softmax or sigmoid; if frames are scored one by one, of their mean.

    Args:
        network: network from features of shape `(frames, bins, channels)` to scores.
        layer: name of a convolution; None is the last one whose output still has several frames and several bins.
        method: "grad_cam", or "grad_cam++", which also shows the second and third place where a label is found.

    Attributes:
        layer: the convolution.
        channel: number of the channel of the features that the convolution sees, or None if it sees several.

    Raises:
        BadInput: if there is no such convolution or method.

    Example:
        >>> GradCam(model.network)(features, labels=[0, 3]).shape
        (2, 87, 64)

    Source: Selvaraju et al., Grad-CAM, ICCV 2017, equations 1 and 2; Chattopadhyay et al., Grad-CAM++, WACV 2018,
        equations 6 and 19.
    """

    def __init__(self, network: keras.Model, layer: str | None = None, *, method: str = "grad_cam"):
        if method not in ("grad_cam", "grad_cam++"):
            raise BadInput(f"there is no method '{method}'; {suggest(method, ['grad_cam', 'grad_cam++'])}")
        self.network = network
        self.method = method
        self.layer = _convolution(network, layer)
        self._scores = keras.Model(network.input, label_scores(_before_activation(network)))
        self.channel = self._only_channel()

    def __call__(self, features: np.ndarray, labels: np.ndarray | Sequence[int]) -> np.ndarray:
        """Makes a heatmap for each segment.

        Args:
            features: features of shape `(segments, frames, bins, channels)`.
            labels: number of one label for each segment, shape `(segments,)`.

        Returns:
            Heatmaps of shape `(segments, frames, bins)`, from 0 to 1; all 0 if nothing speaks for the label.
        """
        chosen = keras.ops.one_hot(np.asarray(labels), self.network.output_shape[-1])
        activations, slopes = self._slopes(features, chosen)
        if activations.ndim == 3:  # convolutions over time alone
            activations, slopes = activations[:, :, None], slopes[:, :, None]
        if self.method == "grad_cam":
            weights = slopes.mean(axis=(1, 2), keepdims=True)
        else:
            total = activations.sum(axis=(1, 2), keepdims=True)
            below = 2 * slopes**2 + total * slopes**3
            share = np.divide(slopes**2, below, out=np.zeros_like(below), where=np.abs(below) > 1e-12)
            weights = (share * np.maximum(slopes, 0)).sum(axis=(1, 2), keepdims=True)
        found = np.maximum((weights * activations).sum(axis=-1, keepdims=True), 0)
        size = self.network.input_shape[1:3]
        heat = keras.ops.convert_to_numpy(keras.ops.image.resize(found, size, interpolation="bilinear"))[..., 0]
        highest = heat.max(axis=(1, 2), keepdims=True)
        return np.divide(heat, highest, out=np.zeros_like(heat), where=highest > 0)

    def _only_channel(self) -> int | None:
        """Finds the channel of the features that the convolution sees, if it sees only one."""
        if self.network.input_shape[-1] == 1:
            return 0
        noise = np.random.default_rng(0).standard_normal((1, *self.network.input_shape[1:])).astype("float32")
        seen = keras.Model(self.network.input, self.layer.output)
        found = gradient(lambda features: seen(features, training=False) ** 2, noise)
        channels = np.flatnonzero(np.abs(found).sum(axis=(0, 1, 2)))
        return int(channels[0]) if len(channels) == 1 else None

    def _slopes(self, features: np.ndarray, chosen: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Computes the output of the convolution, and the gradient of the chosen scores with respect to it.

        The gradient is taken at zeros that are added to the output, so that residual connections around the convolution
        count, too.
        """
        seen: list[Tensor] = []

        def scores(shift: Tensor) -> Tensor:
            def shifted(*inputs: Tensor, **options: Any) -> Tensor:
                seen.append(plain(*inputs, **options))
                return seen[-1] + keras.ops.cast(shift, seen[-1].dtype)

            plain, self.layer.call = self.layer.call, shifted
            try:
                return self._scores(features, training=False) * chosen
            finally:
                self.layer.call = plain

        nothing = np.zeros((len(features), *self.layer.output.shape[1:]), "float32")
        slopes = gradient(scores, nothing)
        scores(nothing)  # once more, where what was seen is numbers on every backend
        return keras.ops.convert_to_numpy(seen[-1]).astype("float32"), slopes


def _convolution(network: keras.Model, name: str | None) -> keras.layers.Layer:
    """Finds the convolution of that name, or the last one whose output has several frames and bins."""
    found = {layer.name: layer for layer in network.layers if isinstance(layer, CONVOLUTIONS)}
    if not found:
        raise BadInput(f"network '{network.name}' has no convolution to explain; Grad-CAM needs one")
    if name is None:
        wide = [layer for layer in found.values() if min(layer.output.shape[1:-1]) > 1]
        return (wide or list(found.values()))[-1]
    if name not in found:
        raise BadInput(f"there is no convolution '{name}'; {suggest(name, list(found))}")
    return found[name]


def label_scores(scores: Tensor) -> Tensor:
    """Averages scores of shape `(segments, frames, labels)` over frames, and leaves those of segments as they are."""
    return keras.ops.mean(scores, axis=1) if len(scores.shape) == 3 else scores


def _before_activation(network: keras.Model) -> Tensor:
    """Gives the scores before their softmax or sigmoid, as a tensor of the same graph."""
    last = network.layers[-1]
    if getattr(last, "activation", keras.activations.linear) is keras.activations.linear:
        return network.output
    plain = type(last).from_config({**last.get_config(), "activation": "linear", "name": f"{last.name}_before"})
    before = plain(last.input)
    plain.set_weights(last.get_weights())
    return before
