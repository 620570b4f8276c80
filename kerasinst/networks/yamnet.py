"""YAMNet: MobileNet v1 over log-mel patches, trained on AudioSet."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor


def yamnet(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024),
    strides: Sequence[int] = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1),
    width: float = 1.0,
    dropout: float = 0.0,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the YAMNet of Plakal and Ellis (tensorflow/models, research/audioset/yamnet, 2020).

    3,751,369 parameters and 69.2 million multiply-adds on 96 x 64 x 1 features with 521 labels. A convolution and
    then depthwise-separable ones (Howard et al., MobileNets, 2017), averaged over frames and bins. Inference equals the
    published one (with `activation="sigmoid"`), and `networks.pretrained.load` reads the published `yamnet.h5`, which
    expects the `yamnet` preset of the `log_mel` front end. The published model scores patches of 96 frames; longer
    features are scored as a whole.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of each layer.
        strides: strides of each layer.
        width: factor by which all numbers of filters are multiplied.
        dropout: dropout rate before the scores.
        activation: activation of the scores; the published one is "sigmoid".

    Raises:
        ValueError: if filters and strides are not equally many, or width is not positive.

    Example:
        >>> yamnet((96, 64, 1), 11, width=0.25).output_shape
        (None, 11)
    """
    if len(filters) != len(strides) or not filters:
        raise ValueError(f"filters and strides are of {len(filters)} and {len(strides)} layers: give equally many")
    if width <= 0:
        raise ValueError(f"width={width} must be positive")
    inputs = hidden = keras.Input(input_shape, name="features")
    for number, (count, stride) in enumerate(zip(filters, strides, strict=True), start=1):
        count = max(1, round(width * count))
        name = f"layer{number}"
        if number == 1:
            convolution = layers.Conv2D(count, 3, stride, padding="same", use_bias=False, name=f"{name}_conv")
            hidden = _activate(convolution(hidden), f"{name}_conv")
            continue
        depthwise = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv")
        hidden = _activate(depthwise(hidden), f"{name}_depthwise_conv")
        pointwise = layers.Conv2D(count, 1, use_bias=False, name=f"{name}_pointwise_conv")
        hidden = _activate(pointwise(hidden), f"{name}_pointwise_conv")
    hidden = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="yamnet")


def _activate(hidden: Tensor, name: str) -> Tensor:
    """Normalises a batch, and applies ReLU."""
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-4, scale=False, name=f"{name}_bn")(hidden))
