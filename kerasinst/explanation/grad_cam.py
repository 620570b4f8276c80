"""Grad-CAM and Grad-CAM++: where in a picture a convolution found what speaks for a label."""

from typing import Literal

import keras
import numpy as np

from kerasinst.core.errors import BadInput, suggest
from kerasinst.explanation.gradients import gradient

CONVOLUTIONS = (
    keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D, keras.layers.SeparableConv2D,
)  # fmt: skip


class GradCam:
    """Heatmaps of a network's scores over its pictures.

    The gradient is that of the score before its softmax or sigmoid.

    Args:
        network: from pictures `(frames, bins, channels)` to scores.
        layer: name of a convolution; None is the last one whose output still has several frames and several bins.
        method: "grad_cam", or "grad_cam++", which also shows the second and third place where a label is found.

    Attributes:
        layer: the convolution.
        channel: the one channel of the pictures that it sees, or None if it sees several.

    Raises:
        BadInput: if there is no such convolution.

    Example:
        >>> GradCam(model.network)(pictures, labels=[0, 3]).shape
        (2, 87, 64)

    Source: Selvaraju et al., Grad-CAM, ICCV 2017, equations 1 and 2; Chattopadhyay et al., Grad-CAM++, WACV 2018,
        equations 6 and 19.
    """

    def __init__(
        self, network: keras.Model, layer: str | None = None, *, method: Literal["grad_cam", "grad_cam++"] = "grad_cam"
    ):
        if method not in ("grad_cam", "grad_cam++"):
            raise BadInput(f"there is no method '{method}'; {suggest(method, ['grad_cam', 'grad_cam++'])}")
        self.network = network
        self.method = method
        self.layer = _convolution(network, layer)
        self._scores = keras.Model(network.input, _before_activation(network))
        self.channel = self._only_channel()

    def __call__(self, pictures: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Heatmaps of pictures `(n, frames, bins, channels)` for one label each, by number.

        Returns:
            `(n, frames, bins)`, within 0 and 1; all 0 where nothing speaks for the label.
        """
        chosen = keras.ops.one_hot(np.asarray(labels), self.network.output_shape[-1])
        activations, slopes = self._slopes(pictures, chosen)
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
        """The one channel of the pictures that the convolution sees, where it is in a branch of its own."""
        if self.network.input_shape[-1] == 1:
            return 0
        noise = np.random.default_rng(0).standard_normal((1, *self.network.input_shape[1:])).astype("float32")
        seen = keras.Model(self.network.input, self.layer.output)
        found = gradient(lambda picture: seen(picture, training=False) ** 2, noise)
        channels = np.flatnonzero(np.abs(found).sum(axis=(0, 1, 2)))
        return int(channels[0]) if len(channels) == 1 else None

    def _slopes(self, pictures: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the convolution finds, and the gradient of the chosen scores with respect to it.

        The gradient is taken at zeros that are added to its output, since what goes around it (a residual connection)
        counts, too.
        """
        seen = []

        def scores(shift):
            def shifted(*inputs, **options):
                seen.append(plain(*inputs, **options))
                return seen[-1] + keras.ops.cast(shift, seen[-1].dtype)

            plain, self.layer.call = self.layer.call, shifted
            try:
                return self._scores(pictures, training=False) * chosen
            finally:
                self.layer.call = plain

        nothing = np.zeros((len(pictures), *self.layer.output.shape[1:]), "float32")
        slopes = gradient(scores, nothing)
        scores(nothing)  # once more, where what was seen is numbers on every backend
        return keras.ops.convert_to_numpy(seen[-1]).astype("float32"), slopes


def _convolution(network: keras.Model, name: str | None) -> keras.layers.Layer:
    found = {layer.name: layer for layer in network.layers if isinstance(layer, CONVOLUTIONS)}
    if not found:
        raise BadInput(f"network '{network.name}' has no convolution to explain; Grad-CAM needs one")
    if name is None:
        wide = [layer for layer in found.values() if min(layer.output.shape[1:-1]) > 1]
        return (wide or list(found.values()))[-1]
    if name not in found:
        raise BadInput(f"there is no convolution '{name}'; {suggest(name, list(found))}")
    return found[name]


def _before_activation(network: keras.Model):
    """The scores before their softmax or sigmoid, as a tensor of the same graph."""
    last = network.layers[-1]
    if getattr(last, "activation", keras.activations.linear) is keras.activations.linear:
        return network.output
    plain = type(last).from_config({**last.get_config(), "activation": "linear", "name": f"{last.name}_before"})
    before = plain(last.input)
    plain.set_weights(last.get_weights())
    return before
