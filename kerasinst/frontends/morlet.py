"""Scalogram: how much of each frequency a waveform holds when, by Morlet wavelets."""

from typing import Annotated

import keras
import numpy as np
from pydantic import Field

from kerasinst.frontends.dsp.filterbank import FilterBank
from kerasinst.frontends.dsp.filters import frequencies
from kerasinst.frontends.dsp.validation import Count, Flag, Positive, Rate, default, refuse_band

REACH = 5
"""Standard deviations of the Gaussian at which wavelets end; 4e-6 of the peak is left there."""
HIGHEST = 0.4
"""Of the sample rate: a sine there is 0.1 dB off, since its mirror image is three standard deviations away."""


@keras.saving.register_keras_serializable("kerasinst")
class Morlet(FilterBank):
    """Continuous wavelet transform with complex Morlet wavelets, its power averaged over each hop.

    The wavelet of frequency f has the scale s = w0 sample_rate / (2 pi f) in samples and is exp(i w0 n / s)
    exp(-n^2 / (2 s^2)), with a sum such that a sine of amplitude 1 gives 1 (0 dB). So a picture is sharp in frequency
    where it is low and sharp in time where it is high. This is what the irmas study's model 3 was to hear.

    Args:
        sample_rate: of the waveform, in Hz.
        n_scales: wavelets, equally spaced in octaves from `fmin` to `fmax`.
        fmin: in Hz; above 0.
        fmax: in Hz; None is 7,000, or 0.4 of the sample rate where that is less: higher up, a wavelet hears the mirror
            images of sines, too.
        w0: oscillations within the Gaussian, from 2 to 100; the higher, the sharper in frequency.
        hop_length: from frame to frame, in samples; a power of 2.
        log: decibels; False for magnitudes.
        top_db: decibels further below the loudest of their segment are raised to that; None for none.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, ceil(samples / hop_length), n_scales, 1)`; frame t stands for the samples of hop t.

    Raises:
        ValueError: if a value cannot work together with the others.

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
        **kwargs,
    ):
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
        self._prepare()

    @property
    def bins(self):
        """Frequency of each wavelet, in Hz."""
        return frequencies("log", self.n_scales, fmin=self.fmin, fmax=self.fmax).tolist()

    def kernels(self):
        """Wavelets, from the lowest frequency to the highest."""
        scales = self.w0 * self.sample_rate / (2 * np.pi * np.array(self.bins))
        return [self._wavelet(scale) for scale in scales]

    def _wavelet(self, scale: float) -> np.ndarray:
        reach = int(np.ceil(REACH * scale))
        n = np.arange(-reach, reach + 1)
        envelope = np.exp(-(n**2) / (2 * scale**2))
        return 2 * envelope / envelope.sum() * np.exp(1j * self.w0 * n / scale)
