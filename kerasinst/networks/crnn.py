"""A convolutional recurrent network: convolutions over the features, then gated recurrent units over the frames."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.networks.gru import last_state
from kerasinst.networks.layers.shapes import frames_in_a_row, pooled


def crnn(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    filters: Sequence[int] = (16, 32, 48, 64),
    kernel_size: int = 3,
    units: Sequence[int] = (64,),
    unroll: bool = False,
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the CRNN that the audioset4 study names as future work.

    158,100 parameters and 271 million multiply-adds on 801 x 128 x 1 features (10 s) with 4 labels; the sizes are
    ours. Convolutions, batch normalisation, ReLU and max-pooling halve frames and bins; gated recurrent units (Cho et
    al., 2014) read what is left frame by frame, and the last state is scored (Choi et al., Convolutional Recurrent
    Neural Networks for Music Classification, 2017). The recurrent layers stream; the convolutions look ahead by half
    a kernel.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        filters: number of filters of each convolution.
        kernel_size: side of the square kernels of the convolutions.
        units: number of units of each recurrent layer.
        unroll: whether to write the recurrent layers' operations out for each frame, as int8 TFLite files need;
            slow to build for many frames.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

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
