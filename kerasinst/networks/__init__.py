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


def create(name: str, input_shape: tuple[int, int, int], *, n_labels: int, **options: Any) -> "keras.Model":
    """Builds a network.

    Args:
        name: one of `names()`.
        input_shape: shape of the features, `(frames, bins, channels)`.
        n_labels: number of labels.
        **options: arguments of the network.

    Raises:
        BadInput: if there is no such network or option, or its value is not allowed.
    """
    NETWORKS.check(name, options)
    try:
        return NETWORKS.get(name)(input_shape, n_labels, **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"network '{name}': {str(error).strip().splitlines()[0]}") from None
