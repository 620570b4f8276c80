"""Front ends: Keras layers that turn a waveform into a picture, one per file, found by the file's name.

Example:
    >>> import kerasinst as ki
    >>> layer = ki.frontends.create("log_mel", sample_rate=22050)
    >>> layer(waveforms).shape                      # (batch, samples) -> (batch, frames, bins, channels)
    (8, 87, 128, 1)
"""

from typing import Any

import keras  # noqa: F401 - before any front end, since importing Keras imports them all (see kerasinst/__init__.py)

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import FRONTENDS
from kerasinst.frontends.dsp.validation import default

__all__ = ["create", "features_shape", "names"]


def names() -> list[str]:
    """Names of all front ends."""
    return FRONTENDS.names()


def create(
    name: str, sample_rate: float | None = None, *, preset: str | None = None, dtype: str = "float32", **options: Any
):
    """Makes a front end.

    Args:
        name: one of `names()`.
        sample_rate: of the waveform, in Hz; None is the preset's, or 22,050.
        preset: of the front end, such as "panns" of "log_mel"; options change single arguments of it.
        dtype: of the picture; float64 is computed in float64, all others in float32.
        **options: of the front end.

    Raises:
        BadInput: if there is no such front end, preset or option, or its value is not allowed.

    Example:
        >>> create("log_mel", preset="yamnet").sample_rate
        16000
    """
    FRONTENDS.check(name, options)
    layer = FRONTENDS.get(name)
    if sample_rate is not None or preset is None or "sample_rate" not in layer.presets.get(preset, {}):
        options["sample_rate"] = default(sample_rate, 22050)
    try:
        return layer.from_preset(preset, dtype=dtype, **options) if preset else layer(dtype=dtype, **options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"frontend: {error}") from None


def features_shape(frontend, samples: int) -> tuple[int, int, int]:
    """`(frames, bins, channels)` that a front end makes of so many samples.

    Raises:
        BadInput: if it cannot take so few.
    """
    try:
        return frontend.features_shape(samples)
    except ValueError as error:
        raise BadInput(f"frontend: {error}") from None
