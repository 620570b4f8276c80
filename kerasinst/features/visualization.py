"""Computes the features of one waveform with all front ends, and describes their axes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kerasinst import frontends
from kerasinst.frontends.dsp.frontend import FrontEnd


@dataclass(frozen=True)
class Panel:
    """One channel of the features of a front end, with the meaning of its axes.

    Attributes:
        title: names of the front end and of the channel.
        values: features of the channel, shape `(frames, bins)`.
        start: time at which the first frame is drawn, in seconds; negative if frames are centred.
        seconds: time between two frames, in seconds.
        bins: frequency, note or number of each bin.
        unit: unit of `bins`: "Hz", "note" or "coefficient".
    """

    title: str
    values: np.ndarray
    start: float
    seconds: float
    bins: Sequence[float] | Sequence[str]
    unit: str


def frontend_panels(waveform: np.ndarray, sample_rate: int, *, own: FrontEnd | None = None) -> Iterator[Panel]:
    """Computes the features of a waveform with every front end, and yields a panel for each channel.

    Args:
        waveform: waveform of shape `(samples,)`.
        sample_rate: sample rate of the waveform, in Hz.
        own: front end that takes the place of the one of its kind with default arguments.

    Raises:
        BadInput: if the waveform is too short for one of the front ends.
    """
    for name in frontends.names():
        layer = frontends.create(name, sample_rate=sample_rate)
        if type(layer) is type(own):
            layer = own
        frontends.features_shape(layer, len(waveform))
        features = np.asarray(layer(waveform[None]))[0]
        for index, channel in enumerate(layer.channels):
            title = f"{name}: {channel}" if channel else name
            seconds = layer.hop_length / sample_rate
            start = -seconds / 2 if layer.center else 0.0
            yield Panel(title, features[..., index], start, seconds, layer.bins_of(index), layer.bin_unit)
