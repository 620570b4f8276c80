"""Every front end's picture of one waveform, with what its axes stand for."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kerasinst import frontends
from kerasinst.frontends.dsp.frontend import FrontEnd


@dataclass(frozen=True)
class Panel:
    """One channel of a picture.

    Attributes:
        title: front end and channel.
        values: `(frames, bins)`.
        start: of the first frame's stretch, in seconds; negative where it is centred at 0.
        seconds: from frame to frame.
        bins: what each bin stands for.
        unit: of `bins`: "Hz", "note" or "coefficient".
    """

    title: str
    values: np.ndarray
    start: float
    seconds: float
    bins: list[float] | list[str]
    unit: str


def panels(waveform: np.ndarray, sample_rate: int, *, own: FrontEnd | None = None) -> Iterator[Panel]:
    """Draws a waveform with every front end as it is by default, and with one that was made otherwise.

    Args:
        waveform: `(samples,)`.
        sample_rate: in Hz.
        own: takes the place of the default one of its kind.

    Raises:
        BadInput: if the waveform is too short for one of them.
    """
    for name in frontends.names():
        layer = frontends.create(name, sample_rate=sample_rate)
        if type(layer) is type(own):
            layer = own
        frontends.features_shape(layer, len(waveform))
        picture = np.asarray(layer(waveform[None]))[0]
        for index, channel in enumerate(layer.channels):
            title = f"{name}: {channel}" if channel else name
            seconds = layer.hop_length / sample_rate
            start = -seconds / 2 if layer.center else 0.0
            yield Panel(title, picture[..., index], start, seconds, layer.bins_of(index), layer.bin_unit)
