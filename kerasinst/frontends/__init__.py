"""Front ends: Keras layers that turn a waveform into features, one per file, found by the file's name.

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
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import default

__all__ = ["create", "features_shape", "names"]


def names() -> list[str]:
    """Gives the names of all front ends."""
    return FRONTENDS.names()


def create(
    name: str, sample_rate: float | None = None, *, preset: str | None = None, dtype: str = "float32", **options: Any
) -> FrontEnd:
    """Makes a front end.

    Args:
        name: one of `names()`.
        sample_rate: sample rate of the waveform, in Hz; None takes the preset's, or 22,050 if it has none.
        preset: name of one of the front end's presets, such as "panns" of "log_mel"; options override its values.
        dtype: data type of the features; float64 is computed in float64, all others in float32.
        **options: arguments of the front end.

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


def features_shape(frontend: FrontEnd, samples: int) -> tuple[int, int, int]:
    """Gives the shape `(frames, bins, channels)` of the features that a front end makes of one waveform.

    Args:
        frontend: the front end.
        samples: length of the waveform.

    Raises:
        BadInput: if the waveform is too short for the front end.
    """
    try:
        return frontend.features_shape(samples)
    except ValueError as error:
        raise BadInput(f"frontend: {error}") from None
