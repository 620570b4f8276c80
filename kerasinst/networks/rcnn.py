"""A recurrent convolutional network: gated recurrent units in both directions, then a convolution over the frames."""

import keras
from keras import layers

from kerasinst.networks.layers.shapes import frames_in_a_row


def rcnn(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    units: int = 64,
    filters: int = 64,
    kernel_size: int = 3,
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the RCNN that the audioset4 study names as future work.

    123,972 parameters and 98.4 million multiply-adds on 801 x 128 x 1 features (10 s) with 4 labels; the sizes are
    ours. Gated recurrent units (Cho et al., 2014) read the frames forwards and backwards. Each frame and its two
    contexts go through a convolution and tanh, and the largest value of each filter over all frames is scored. Lai et
    al. had plain recurrent units, and kernels of one frame.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        units: number of recurrent units of each direction.
        filters: number of filters of the convolution.
        kernel_size: number of frames that the convolution sees at once.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

    Example:
        >>> rcnn((801, 128, 1), 4).output_shape
        (None, 4)

    Source: Lai, S., Xu, L., Liu, K. and Zhao, J. (2015). Recurrent Convolutional Neural Networks for Text
    Classification. AAAI.
    """
    inputs = keras.Input(input_shape, name="features")
    frames = frames_in_a_row(inputs)
    contexts = layers.Bidirectional(layers.GRU(units, return_sequences=True))(frames)
    hidden = layers.Concatenate()([frames, contexts])
    hidden = layers.Conv1D(filters, kernel_size, padding="same", activation="tanh")(hidden)
    hidden = layers.Dropout(dropout)(layers.GlobalMaxPooling1D()(hidden))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="rcnn")
