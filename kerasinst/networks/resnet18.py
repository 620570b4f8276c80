"""ResNet-18, which the musicnet study fine-tunes from ImageNet."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor


def resnet18(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (64, 128, 256, 512),
    blocks: int = 2,
    dropout: float = 0.0,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the ResNet-18 of He, K. et al. (2016), Deep Residual Learning for Image Recognition, CVPR.

    11,191,755 parameters and 1.81 billion multiply-adds on 224 x 224 x 3 features with 11 labels. Layers are placed,
    padded and named as in keras-hub's `resnet_18_imagenet`, which has torchvision's weights, so that
    `networks.pretrained.load` can read these. They are for three channels. For any other number, each channel of the
    first convolution gets their sum over red, green and blue, divided by that number; this equals giving the mean of
    the channels to red, green and blue alike.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of each stage; all but the first stage halve frames and bins.
        blocks: number of blocks of each stage, of two convolutions each.
        dropout: dropout rate before the scores.
        activation: activation of the scores; the musicnet study's is "sigmoid".

    Raises:
        ValueError: if there is no stage or block.

    Example:
        >>> resnet18((87, 128, 1), 11).output_shape
        (None, 11)
    """
    if not filters or blocks < 1:
        raise ValueError(f"filters={list(filters)}, blocks={blocks}: at least one stage and block")
    inputs = keras.Input(input_shape, name="features")
    hidden = _convolve(inputs, filters[0], 7, "conv1", strides=2)
    hidden = layers.ReLU()(hidden)
    hidden = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(hidden))  # zeros change no maximum after ReLU
    for stage, count in enumerate(filters):
        for block in range(blocks):
            strides = 2 if block == 0 and stage > 0 else 1
            hidden = _block(hidden, count, strides, f"stack{stage}_block{block}")
    hidden = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="resnet18")


def _block(inputs: Tensor, filters: int, strides: int, name: str) -> Tensor:
    """Adds two convolutions with a shortcut, which is a convolution itself where the shape changes."""
    shortcut = inputs
    if strides > 1 or inputs.shape[-1] != filters:
        shortcut = _convolve(inputs, filters, 1, f"{name}_0", strides)
    hidden = layers.ReLU()(_convolve(inputs, filters, 3, f"{name}_1", strides))
    hidden = _convolve(hidden, filters, 3, f"{name}_2")
    return layers.ReLU()(layers.Add()([shortcut, hidden]))


def _convolve(hidden: Tensor, filters: int, kernel_size: int, name: str, strides: int = 1) -> Tensor:
    """Adds batch normalisation after a convolution that is padded equally on both sides, unlike with "same"."""
    if kernel_size > 1:
        hidden = layers.ZeroPadding2D(kernel_size // 2)(hidden)
    hidden = layers.Conv2D(
        filters, kernel_size, strides, use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(hidden)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(hidden)
