"""Several spectrograms of one waveform, as channels: windows of different length, on different frequency scales."""

import itertools
from typing import Annotated

import keras
import numpy as np
from keras import ops
from pydantic import Field

from kerasinst.frontends.dsp import amplitude, filters
from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.framing import centre, frame, n_frames, window
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import Count, Form, Positive, Rate, Window, default, refuse_band


@keras.saving.register_keras_serializable("kerasinst")
class MultiSTFT(FrontEnd):
    """Spectrograms in decibels: three windows times three frequency scales, or chosen ones of these.

    Long windows tell neighbouring notes apart, short ones tell when a note begins. Nine pictures are what the irmas
    study's model 1 hears, three of them what its model 2 does. A bin is the mean power around its frequency, under a
    triangle as wide as the bins are apart, but at least two bins of the DFT.

    Args:
        sample_rate: of the waveform, in Hz.
        win_lengths: of the windows, and of their DFTs, in samples; even, so that all pictures have as many frames.
        scales: of frequency: "linear", "log", "mel".
        pictures: pairs of window length and scale, such as `[[2048, "mel"], [512, "linear"]]`; None takes all.
        hop_length: from frame to frame, in samples.
        window: any name that `scipy.signal.get_window` knows.
        n_bins: of each picture, between `fmin` and `fmax`.
        fmin: in Hz; above 0.
        fmax: in Hz; None is half the sample rate.
        top_db: values further below the loudest of their picture are raised to that; None for none.
        dft: "rfft", or "conv" for runtimes without an FFT operator, or "computed" for small files; see `dft.py`.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_bins, pictures)`, in dB; frame t of all is centred at `t * hop_length`.

    Raises:
        ValueError: if a value cannot work together with the others.

    Example:
        >>> MultiSTFT(sample_rate=22050)(waveforms).shape
        (8, 87, 96, 9)
    """

    center = True

    def __init__(
        self,
        sample_rate: Rate,
        win_lengths: list[Annotated[Count, Field(multiple_of=2)]] = (512, 1024, 2048),
        *,
        scales: list[filters.Scale] = filters.SCALES,
        pictures: list[tuple[Count, filters.Scale]] | None = None,
        hop_length: Count = 512,
        window: Window = "hann",
        n_bins: Annotated[Count, Field(ge=2)] = 96,
        fmin: Positive = 32.7,
        fmax: Positive | None = None,
        top_db: Positive | None = None,
        dft: Form = "rfft",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sample_rate = sample_rate
        self.win_lengths = list(win_lengths)
        self.scales = list(scales)
        self.pictures = None if pictures is None else [list(pair) for pair in pictures]
        self.hop_length = hop_length
        self.window = window
        self.n_bins = n_bins
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db
        self.dft = dft
        self._check()
        self._windows = {length: self._make_window(length) for length in self.win_lengths}
        self._spectra = {
            length: PowerSpectrum(length, self._make_filters(length), dft=dft, dtype=self.precision)
            for length in self.win_lengths
            if self._scales_of(length)
        }

    @property
    def bins(self):
        """Frequency of each bin of the first picture, in Hz."""
        return self.bins_of(0)

    @property
    def channels(self):
        """Window length and scale of each picture."""
        return [f"{length} {scale}" for length, scale in self._pairs]

    def bins_of(self, channel):
        """Frequency of each bin of a picture, in Hz."""
        return filters.frequencies(self._pairs[channel][1], self.n_bins, fmin=self.fmin, fmax=self._fmax).tolist()

    def picture(self, waveform):
        """Computes the pictures."""
        found = {}
        for length, spectrum in self._spectra.items():
            found[length] = spectrum(
                frame(centre(waveform, length), length, hop_length=self.hop_length) * self._windows[length]
            )
        drawn = []
        for length, scale in self._pairs:
            first = self._scales_of(length).index(scale) * self.n_bins
            drawn.append(amplitude.decibels(found[length][..., first : first + self.n_bins], self.top_db))
        return ops.stack(drawn, axis=-1)

    def features_shape(self, samples):
        """`(frames, n_bins, pictures)`."""
        return n_frames(samples + 2, 2, hop_length=self.hop_length), self.n_bins, len(self._pairs)

    @property
    def _fmax(self) -> float:
        return default(self.fmax, self.sample_rate / 2)

    @property
    def _pairs(self) -> list[tuple[int, str]]:
        every = itertools.product(self.win_lengths, self.scales)
        return [tuple(pair) for pair in (every if self.pictures is None else self.pictures)]

    def _scales_of(self, length: int) -> list[str]:
        return [scale for of_length, scale in self._pairs if of_length == length]

    def _check(self) -> None:
        for pair in self.pictures or ():
            if pair[0] not in self.win_lengths or pair[1] not in self.scales:
                raise ValueError(f"pictures: {pair} is no pair of one of win_lengths and one of scales")
        if len(set(self._pairs)) != len(self._pairs) or not self._pairs:
            raise ValueError("pictures: give at least one pair, and each once")
        refuse_band(self.fmin, self._fmax, sample_rate=self.sample_rate)

    def _make_window(self, length: int) -> np.ndarray:
        return window(self.window, length, frame_length=length).astype(self.precision)

    def _make_filters(self, length: int) -> np.ndarray:
        """Of all scales, side by side."""
        full_scale = (np.sum(self._windows[length], dtype=float) / 2) ** 2  # power of a sine of amplitude 1
        kernels = [
            filters.spaced(scale, self.sample_rate, n_fft=length, n_bins=self.n_bins, fmin=self.fmin, fmax=self._fmax)
            for scale in self._scales_of(length)
        ]
        return np.hstack(kernels) / full_scale
