"""Front ends: Keras layers that turn a waveform into a picture, one per file, found by the file's name.

Example:
    >>> import kerasinst as ki
    >>> layer = ki.frontends.create("log_mel", sample_rate=22050)
    >>> layer(waveforms).shape                      # (batch, samples) -> (batch, frames, bins, channels)
    (8, 87, 128, 1)
"""

from typing import Any

from kerasinst.errors import BadInput
from kerasinst.registry import FRONTENDS

__all__ = ["create", "names", "picture_shape"]


def names() -> list[str]:
    """Names of all front ends."""
    return FRONTENDS.names()


def create(name: str, sample_rate: int = 22050, **options: Any):
    """Makes a front end.

    Args:
        name: one of `names()`.
        sample_rate: of the waveform, in Hz.
        **options: of the front end.

    Raises:
        BadInput: if there is no such front end or option, or its value is not allowed.
    """
    FRONTENDS.check(name, options)
    try:
        return FRONTENDS.get(name)(sample_rate=sample_rate, **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"frontend: {error}") from None


def picture_shape(frontend, samples: int) -> tuple[int, int, int]:
    """`(frames, bins, channels)` that a front end makes of so many samples.

    Raises:
        BadInput: if it cannot take so few.
    """
    try:
        return tuple(frontend.compute_output_shape((None, samples))[1:])
    except ValueError as error:
        raise BadInput(f"frontend: {error}") from None
