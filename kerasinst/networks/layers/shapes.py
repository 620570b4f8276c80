"""Layers that fit pictures of any size: what several networks need to say about shapes."""

from keras import layers


def pooled(hidden, pooling, *, size=(2, 2)):
    """Pools sides that are long enough, and leaves the others as they are.

    Args:
        hidden: picture, `(batch, frames, bins, channels)`.
        pooling: a pooling layer's class.
        size: over frames and over bins; what does not fill a whole window is dropped.
    """
    return pooling(tuple(min(window, side) for window, side in zip(size, hidden.shape[1:3], strict=True)))(hidden)


def channels_apart(inputs):
    """The channels of a picture as a list of pictures of one channel.

    Made of layers, and not of slices, so that a network stays a graph of layers for the tools that rebuild it.
    """
    count = inputs.shape[-1]
    if count == 1:
        return [inputs]
    turned = layers.Permute((1, 3, 2))(inputs)
    crops = [layers.Cropping2D(((0, 0), (index, count - 1 - index)))(turned) for index in range(count)]
    return [layers.Permute((1, 3, 2))(crop) for crop in crops]


def frames_in_a_row(hidden):
    """`(batch, frames, bins * channels)`: each frame as one vector, for what goes through time."""
    frames, bins, channels = hidden.shape[1:]
    return layers.Reshape((frames, bins * channels))(hidden)
