"""Functions of several networks that depend on the shape of the features."""

import keras
from keras import layers

from kerasinst.core.types import Tensor


def pooled(hidden: Tensor, pooling: type[keras.layers.Layer], *, size: tuple[int, int] = (2, 2)) -> Tensor:
    """Pools the sides that are long enough, and leaves the others as they are.

    Args:
        hidden: features of shape `(batch, frames, bins, channels)`.
        pooling: class of the pooling layer.
        size: size of the windows, in frames and bins; what does not fill a whole window is dropped.
    """
    return pooling(tuple(min(window, side) for window, side in zip(size, hidden.shape[1:3], strict=True)))(hidden)


def channels_apart(inputs: Tensor) -> list[Tensor]:
    """Splits features `(batch, frames, bins, channels)` into a list of features of one channel each.

    It uses layers instead of slices, so that the network stays a graph of layers for the tools that rebuild it.
    """
    count = inputs.shape[-1]
    if count == 1:
        return [inputs]
    turned = layers.Permute((1, 3, 2))(inputs)
    crops = [layers.Cropping2D(((0, 0), (index, count - 1 - index)))(turned) for index in range(count)]
    return [layers.Permute((1, 3, 2))(crop) for crop in crops]


def frames_in_a_row(hidden: Tensor) -> Tensor:
    """Reshapes features to `(batch, frames, bins * channels)`: each frame becomes one vector."""
    frames, bins, channels = hidden.shape[1:]
    return layers.Reshape((frames, bins * channels))(hidden)


def to_frames(hidden: Tensor, n_frames: int | None) -> Tensor:
    """Averages neighbouring frames of features so that `n_frames` are left, each over the time that it stands for.

    Features whose frames are centred have one more frame than fit: the first lies on the beginning of the segment, and
    the last on its end. Then a frame of scores averages those on its own beginning and end, too.

    Args:
        hidden: features of shape `(batch, frames, bins, channels)`.
        n_frames: number of frames; None leaves the features as they are.

    Raises:
        ValueError: if the number of frames of features is no multiple of that, nor one more.
    """
    if n_frames is None:
        return hidden
    frames = hidden.shape[1]
    together = frames // n_frames
    rest = frames - together * n_frames
    if not together or rest > 1:
        raise ValueError(
            f"{frames} frames of features are no multiple of {n_frames} frames of scores, nor one more: choose "
            "frontend.hop_length so that audio.frame_seconds holds a whole number of hops"
        )
    if together + rest == 1:
        return hidden
    return layers.AveragePooling2D((together + rest, 1), strides=(together, 1))(hidden)
