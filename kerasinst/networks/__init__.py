"""Networks: functions from shapes to a Keras model, picture in, scores out, one per file, found by the file's name.

Example:
    >>> import kerasinst as ki
    >>> network = ki.networks.create("ee5180", input_shape=(275, 13, 1), n_labels=5)
"""

from typing import Any

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import NETWORKS

__all__ = ["create", "names"]


def names() -> list[str]:
    """Names of all networks."""
    return NETWORKS.names()


def create(name: str, input_shape: tuple[int, int, int], *, n_labels: int, **options: Any):
    """Builds a network.

    Args:
        name: one of `names()`.
        input_shape: `(frames, bins, channels)`.
        n_labels: scores per picture.
        **options: of the network.

    Raises:
        BadInput: if there is no such network or option, or its value is not allowed.
    """
    NETWORKS.check(name, options)
    try:
        return NETWORKS.get(name)(input_shape, n_labels, **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"network '{name}': {str(error).strip().splitlines()[0]}") from None
