"""Networks: functions that build a Keras model from features to scores, one per file, found by the file's name.

Example:
    >>> import kerasinst as ki
    >>> network = ki.networks.create("ee5180", input_shape=(275, 13, 1), n_labels=5)
"""

from typing import TYPE_CHECKING, Any

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import NETWORKS

if TYPE_CHECKING:
    import keras

__all__ = ["create", "names"]


def names() -> list[str]:
    """Gives the names of all networks."""
    return NETWORKS.names()


def create(
    name: str, input_shape: tuple[int, int, int], *, n_labels: int, n_frames: int | None = None, **options: Any
) -> "keras.Model":
    """Builds a network.

    Args:
        name: one of `names()`.
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        n_frames: number of frames that are scored, for networks that score frame by frame; None scores the whole.
        **options: arguments of the network.

    Raises:
        BadInput: if there is no such network or option, its value is not allowed, or the network cannot score frames.
    """
    NETWORKS.check(name, options)
    if n_frames is not None:
        able = [each for each in names() if "n_frames" in NETWORKS.parameters(each, given=True)]
        if name not in able:
            raise BadInput(f"network '{name}' scores no frames (audio.frame_seconds): use {' or '.join(able)}")
        options["n_frames"] = n_frames
    try:
        return NETWORKS.get(name)(input_shape, n_labels, **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"network '{name}': {str(error).strip().splitlines()[0]}") from None
