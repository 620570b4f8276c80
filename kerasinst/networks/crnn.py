"""A convolutional recurrent network: convolutions over the picture, gated recurrent units over its frames."""

import keras
from keras import layers

from kerasinst.networks.gru import last_state
from kerasinst.networks.layers.shapes import frames_in_a_row, pooled


def crnn(
    input_shape,
    n_labels,
    *,
    filters=(16, 32, 48, 64),
    kernel_size=3,
    units=(64,),
    unroll=False,
    dropout=0.2,
    activation="softmax",
):
    """Builds the CRNN that the audioset4 study names as future work.

    158,100 parameters and 271 million multiply-adds on 801 x 128 x 1 pictures (10 s) with 4 labels, the sizes being
    ours. Convolutions, batch normalisation, ReLU and max-pooling halve frames and bins; gated recurrent units (Cho et
    al., 2014) read what is left frame by frame, and the last state is scored (Choi et al., Convolutional Recurrent
    Neural Networks for Music Classification, 2017). The recurrent layers stream; the convolutions look ahead by half
    a kernel.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        filters: of each convolution.
        kernel_size: of the convolutions, square.
        units: of each recurrent layer.
        unroll: write the frames out one by one, which int8 TFLite conversion needs; slow to build for many frames.
        dropout: before the scores.
        activation: of the scores.

    Raises:
        ValueError: if there is no recurrent layer.

    Example:
        >>> crnn((801, 128, 1), 4).output_shape
        (None, 4)
    """
    inputs = hidden = keras.Input(input_shape, name="features")
    for count in filters:
        hidden = layers.Conv2D(count, kernel_size, padding="same", use_bias=False)(hidden)
        hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
        hidden = pooled(hidden, layers.MaxPooling2D)
    hidden = layers.Dropout(dropout)(last_state(frames_in_a_row(hidden), units, unroll=unroll))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="crnn")
