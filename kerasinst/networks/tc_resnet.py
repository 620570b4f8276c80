"""TC-ResNet: a residual CNN through time, with the bins as channels."""

import keras
from keras import layers


def tc_resnet(
    input_shape,
    n_labels,
    *,
    filters=(16, 24, 32, 48),
    kernel_size=9,
    width=1.0,
    dropout=0.5,
    activation="softmax",
):
    """Builds the TC-ResNet8 of Choi, S. et al., Temporal Convolution for Real-time Keyword Spotting (Interspeech 2019).

    65,836 parameters and 1.52 million multiply-adds on 98 x 40 x 1 pictures with 12 labels. A frame is a vector of all
    its bins, and a convolution sees all of it at once, so one over time alone is enough: far fewer multiply-adds than
    over bins and frames. The first convolution is 3 frames long; each stage then halves the frames. Ours has a bias at
    the scores, which the published one has not. All layers quantise to integers. They stream with as many kept frames
    as their kernels are long, but look ahead by half a kernel; the average streams as a running mean.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        filters: of the first convolution, and of each stage.
        kernel_size: of the stages' convolutions, in frames.
        width: factor on all filters.
        dropout: before the scores.
        activation: of the scores.

    Raises:
        ValueError: if there is no convolution, or width is not positive.

    Example:
        >>> tc_resnet((98, 40, 1), 12, width=0.5).count_params() < 20_000
        True
    """
    if not filters or width <= 0:
        raise ValueError(f"filters={list(filters)}, width={width}: at least one convolution, and width above 0")
    channels = [max(1, int(width * count)) for count in filters]
    frames, bins, pictures = input_shape
    inputs = keras.Input(input_shape, name="features")
    hidden = layers.Reshape((frames, 1, bins * pictures))(inputs)
    hidden = layers.ReLU()(_convolve(hidden, channels[0], 3))
    for count in channels[1:]:
        hidden = _stage(hidden, count, kernel_size)
    hidden = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="tc_resnet")


def _stage(inputs, filters, kernel_size):
    """Two convolutions with a shortcut, which is a convolution itself where the number of filters changes."""
    strides = 1 if inputs.shape[-1] == filters else 2
    shortcut = inputs if strides == 1 else layers.ReLU()(_convolve(inputs, filters, 1, strides))
    hidden = layers.ReLU()(_convolve(inputs, filters, kernel_size, strides))
    return layers.ReLU()(layers.Add()([shortcut, _convolve(hidden, filters, kernel_size)]))


def _convolve(hidden, filters, kernel_size, strides=1):
    hidden = layers.Conv2D(filters, (kernel_size, 1), (strides, 1), padding="same", use_bias=False)(hidden)
    return layers.BatchNormalization(momentum=0.9)(hidden)
