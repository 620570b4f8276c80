"""A convolutional recurrent network for sound event detection: scores frame by frame."""

from collections.abc import Sequence

import keras
from keras import layers

from kerasinst.networks.layers.frequency_pooling import frequency_pooled
from kerasinst.networks.layers.shapes import frames_in_a_row, to_frames


def sed_crnn(
    input_shape: tuple[int, int, int],
    n_labels: int,
    *,
    n_frames: int | None = None,
    filters: Sequence[int] = (24, 32, 48),
    kernel_size: int = 3,
    pool_bins: Sequence[int] = (4, 4, 2),
    units: Sequence[int] = (48,),
    bidirectional: bool = True,
    dropout: float = 0.2,
    activation: str = "softmax",
) -> keras.Model:
    """Builds the network of Çakır et al., Convolutional Recurrent Neural Networks for Polyphonic Sound Event Detection
    (IEEE/ACM Transactions on Audio, Speech and Language Processing, 2017), in a compact form.

    84,731 parameters on 301 x 96 x 1 features (10 s) with 100 frames and 11 labels; the sizes are ours. Convolutions,
    batch normalisation, ReLU and max-pooling over the bins keep all frames of the features, which are averaged to those
    of the scores; gated recurrent units read these in both directions.

    Args:
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        n_frames: number of frames that are scored; None gives the mean scores of all.
        filters: number of filters of each convolution.
        kernel_size: side of the square kernels of the convolutions.
        pool_bins: number of bins that are pooled after each convolution.
        units: number of units of each recurrent layer, in each direction.
        bidirectional: whether the recurrent layers also read backwards; without, they stream.
        dropout: dropout rate before the recurrent layers and before the scores.
        activation: activation of the scores.

    Raises:
        ValueError: if there are not as many numbers of bins as filters, no recurrent layer, or too few frames or bins.

    Example:
        >>> sed_crnn((301, 96, 1), 11, n_frames=100).output_shape
        (None, 100, 11)
    """
    if not units:
        raise ValueError("units is empty: give at least one recurrent layer")
    inputs = keras.Input(input_shape, name="features")
    hidden = frequency_pooled(inputs, filters, kernel_size=kernel_size, pool_bins=pool_bins)
    hidden = frames_in_a_row(to_frames(hidden, n_frames))
    hidden = layers.Dropout(dropout)(hidden)
    for count in units:
        recurrent = layers.GRU(count, return_sequences=True)
        hidden = layers.Bidirectional(recurrent)(hidden) if bidirectional else recurrent(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    scores = layers.Dense(n_labels, activation=activation, dtype="float32", name="scores")(hidden)
    if n_frames is None:
        scores = layers.GlobalAveragePooling1D()(scores)
    return keras.Model(inputs, scores, name="sed_crnn")
