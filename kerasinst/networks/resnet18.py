"""ResNet-18, which the musicnet study fine-tunes from ImageNet."""

import keras
from keras import layers


def resnet18(
    input_shape,
    n_labels,
    *,
    filters=(64, 128, 256, 512),
    blocks=2,
    dropout=0.0,
    activation="softmax",
):
    """Builds the ResNet-18 of He, K. et al. (2016), Deep Residual Learning for Image Recognition, CVPR.

    11,191,755 parameters and 1.81 billion multiply-adds on 224 x 224 x 3 pictures with 11 labels. Layers are placed,
    padded and named as in keras-hub's `resnet_18_imagenet`, which is torchvision's with its weights, so that
    `networks.pretrained.load` can read these. They are for three channels; for any other number the first convolution
    gets, at each channel, their sum over red, green and blue divided by that number, which equals giving the channels'
    mean to red, green and blue alike.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        filters: of each stage; all but the first stage halve frames and bins.
        blocks: of each stage, of two convolutions each.
        dropout: before the scores.
        activation: of the scores; the musicnet study's is "sigmoid".

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


def _block(inputs, filters, strides, name):
    """Two convolutions with a shortcut, which is a convolution itself where the shape changes."""
    shortcut = inputs
    if strides > 1 or inputs.shape[-1] != filters:
        shortcut = _convolve(inputs, filters, 1, f"{name}_0", strides)
    hidden = layers.ReLU()(_convolve(inputs, filters, 3, f"{name}_1", strides))
    hidden = _convolve(hidden, filters, 3, f"{name}_2")
    return layers.ReLU()(layers.Add()([shortcut, hidden]))


def _convolve(hidden, filters, kernel_size, name, strides=1):
    """Convolution and batch normalisation; padded alike on both sides, where "same" pads the end alone."""
    if kernel_size > 1:
        hidden = layers.ZeroPadding2D(kernel_size // 2)(hidden)
    hidden = layers.Conv2D(
        filters, kernel_size, strides, use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(hidden)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(hidden)
