"""A recurrent network: gated recurrent units over the frames of the picture."""

import keras
from keras import layers

from kerasinst.networks.layers.shapes import frames_in_a_row


def gru(
    input_shape,
    n_labels,
    *,
    units=(64, 64),
    unroll=False,
    dropout=0.2,
    activation="softmax",
):
    """Builds the recurrent network that the audioset4 study names as future work.

    62,468 parameters and 49.2 million multiply-adds on 801 x 128 x 1 pictures (10 s) with 4 labels, the sizes being
    ours. Gated recurrent units (Cho et al., 2014) read one frame after another; the last state of the last layer is
    scored. Everything streams: a device can keep the state and score after each frame.

    Args:
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        units: of each recurrent layer.
        unroll: write the frames out one by one, which int8 TFLite conversion needs; slow to build for many frames.
        dropout: before the scores.
        activation: of the scores.

    Raises:
        ValueError: if there is no recurrent layer.

    Example:
        >>> gru((801, 128, 1), 4).output_shape
        (None, 4)
    """
    inputs = keras.Input(input_shape, name="features")
    hidden = layers.Dropout(dropout)(last_state(frames_in_a_row(inputs), units, unroll=unroll))
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    return keras.Model(inputs, scores, name="gru")


def last_state(frames, units, *, unroll):
    """What gated recurrent layers make of `(batch, frames, values)`: the last state of the last one.

    Raises:
        ValueError: if there is no layer.
    """
    if not units:
        raise ValueError("units is empty: give at least one recurrent layer")
    for number, size in enumerate(units, start=1):
        frames = layers.GRU(size, return_sequences=number < len(units), unroll=unroll)(frames)
    return frames
