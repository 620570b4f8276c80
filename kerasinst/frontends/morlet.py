"""Scalogram: a wavelet transform with Morlet wavelets."""

from types import ModuleType
from typing import Annotated, Any

import keras
import numpy as np
from pydantic import Field

from kerasinst.frontends.dsp.filterbank import FilterBank
from kerasinst.frontends.dsp.filters import frequencies
from kerasinst.frontends.dsp.validation import Count, Flag, Positive, Rate, Tables, default, refuse_band

REACH = 5
"""Number of standard deviations of the Gaussian at which wavelets end; 4e-6 of the peak is left there."""
HIGHEST = 0.4
"""Highest frequency, as a share of the sample rate; its mirror image, 3 standard deviations away, adds 0.1 dB."""


@keras.saving.register_keras_serializable("kerasinst")
class Morlet(FilterBank):
    """Continuous wavelet transform with complex Morlet wavelets, its power averaged over each hop.

    The wavelet of frequency f has the scale s = w0 sample_rate / (2 pi f) in samples and is exp(i w0 n / s)
    exp(-n^2 / (2 s^2)), scaled so that a sine of amplitude 1 gives 1 (0 dB). So low frequencies are sharp in frequency
    and high ones are sharp in time. The irmas study planned these features for its model 3.

    Args:
        sample_rate: sample rate of the waveform, in Hz.
        n_scales: number of wavelets, equally spaced in octaves from `fmin` to `fmax`.
        fmin: frequency of the lowest wavelet, in Hz; above 0.
        fmax: frequency of the highest wavelet, in Hz; None is 7,000, or 0.4 of the sample rate if that is less, above
            which a wavelet also responds to the mirror images of sines.
        w0: number of oscillations within the Gaussian, from 2 to 100; the more, the sharper in frequency.
        hop_length: distance between two frames, in samples; a power of 2.
        log: whether features are in decibels; otherwise they are magnitudes.
        top_db: decibels that are further below the loudest value of their segment are raised to that level; None raises
            none.
        tables: "stored" keeps the wavelets, half a megabyte, in a model's file; "computed" computes them each time.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, ceil(samples / hop_length), n_scales, 1)`; frame t covers the samples of hop t.

    Raises:
        ValueError: if an argument is not allowed, or does not go together with the others.

    Example:
        >>> Morlet(sample_rate=22050)(waveforms).shape
        (8, 87, 64, 1)

    Source: Torrence, C. and Compo, G. P. (1998). A practical guide to wavelet analysis; `scipy.signal.morlet2`.
    """

    overlap = 6.0

    def __init__(
        self,
        sample_rate: Rate,
        n_scales: Count = 64,
        *,
        fmin: Positive = 60.0,
        fmax: Positive | None = None,
        w0: Annotated[Positive, Field(ge=2, le=100)] = 6.0,
        hop_length: Count = 512,
        log: Flag = True,
        top_db: Positive | None = None,
        tables: Tables = "stored",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        fmax = default(fmax, min(7000.0, HIGHEST * sample_rate))
        refuse_band(fmin, fmax, sample_rate=sample_rate)
        self.sample_rate = sample_rate
        self.n_scales = n_scales
        self.fmin = fmin
        self.fmax = fmax
        self.w0 = w0
        self.hop_length = hop_length
        self.log = log
        self.top_db = top_db
        self.tables = tables
        self._prepare()

    @property
    def bins(self) -> list[float]:
        """Frequency of each wavelet, in Hz."""
        return self.frequencies.tolist()

    @property
    def frequencies(self) -> np.ndarray:
        """Frequency of each wavelet, in Hz."""
        return frequencies("log", self.n_scales, fmin=self.fmin, fmax=self.fmax)

    @property
    def widths(self) -> np.ndarray:
        """Half the length of each wavelet, in samples."""
        return REACH * self.w0 * self.sample_rate / (2 * np.pi * self.frequencies)

    def envelope(self, distance: Any, *, xp: ModuleType) -> Any:
        """Computes the Gaussian."""
        return xp.exp(xp.square(distance) * (-0.5 * REACH**2))
