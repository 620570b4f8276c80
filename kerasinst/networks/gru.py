"""A recurrent network: gated recurrent units over the frames of the features."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.core.types import Tensor
from kerasinst.networks.layers.shapes import frames_in_a_row


def gru(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    units: Sequence[int] = (64, 64),
    unroll: bool = False,
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the recurrent network that the audioset4 study names as future work.

    62,468 parameters and 49.2 million multiply-adds on 801 x 128 x 1 features (10 s) with 4 labels; the sizes are
    ours. Gated recurrent units (Cho et al., 2014) read one frame after another; the last state of the last layer is
    scored. Everything streams: a device can keep the state and score after each frame.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        units: number of units of each recurrent layer.
        unroll: whether to write the recurrent layers' operations out for each frame, as int8 TFLite files need;
            slow to build for many frames.
        dropout: dropout rate before the scores.
        activation: activation of the scores.

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


def last_state(frames: Tensor, units: Sequence[int], *, unroll: bool) -> Tensor:
    """Adds gated recurrent layers, and gives the last state of the last one.

    Args:
        frames: frames of shape `(batch, frames, values)`.
        units: number of units of each layer.
        unroll: whether the layers' operations are written out for each frame.

    Returns:
        The state of shape `(batch, units)`.

    Raises:
        ValueError: if there is no layer.
    """
    if not units:
        raise ValueError("units is empty: give at least one recurrent layer")
    for number, size in enumerate(units, start=1):
        frames = layers.GRU(size, return_sequences=number < len(units), unroll=unroll)(frames)
    return frames
