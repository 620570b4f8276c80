"""Several spectrograms of one waveform, as channels: with windows of several lengths, on several frequency scales."""

import itertools
from typing import Annotated, Any

import keras
import numpy as np
from keras import ops
from pydantic import Field

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp import amplitude, filters
from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.framing import centre, frame, n_frames, window
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import Count, Form, Positive, Rate, Window, default, refuse_band


@keras.saving.register_keras_serializable("kerasinst")
class MultiSTFT(FrontEnd):
    """Spectrograms in decibels: three windows times three frequency scales, or a choice of these.

    Long windows tell neighbouring notes apart, short ones show when a note begins. The irmas study's model 1 uses all
    nine spectrograms and its model 2 three of them. A bin is the mean power around its frequency, under a triangle that
    reaches to the neighbouring bins, but is at least two bins of the Fourier transform wide.

    Args:
        sample_rate: sample rate of the waveform, in Hz.
        win_lengths: lengths of the windows and of their Fourier transforms, in samples; even, so that all spectrograms
            have as many frames.
        scales: frequency scales, of "linear", "log" and "mel".
        pictures: spectrograms to use, as pairs of window length and scale such as `[[2048, "mel"], [512, "linear"]]`;
            None takes all.
        hop_length: distance between two frames, in samples.
        window: name of a window that `scipy.signal.get_window` knows, or a name with its parameter.
        n_bins: number of bins of each spectrogram, between `fmin` and `fmax`.
        fmin: frequency of the lowest bin, in Hz; above 0.
        fmax: frequency of the highest bin, in Hz; None is half the sample rate.
        top_db: values that are further below the loudest one of their spectrogram are raised to that level, in dB; None
            raises none.
        dft: form of the Fourier transform: "rfft", "conv" for runtimes without an FFT operator, or "computed" for small
            files; see `dft.py`.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_bins, spectrograms)`, in dB; frame t of all is centred at sample
        `t * hop_length`.

    Raises:
        ValueError: if an argument is not allowed, or does not go together with the others.

    Example:
        >>> MultiSTFT(sample_rate=22050)(waveforms).shape
        (8, 87, 96, 9)
    """

    center = True

    def __init__(
        self,
        sample_rate: Rate,
        # Lists are what an experiment file can give; the defaults are tuples, which nobody can change by mistake.
        win_lengths: list[Annotated[Count, Field(multiple_of=2)]] = (512, 1024, 2048),  # type: ignore[assignment]
        *,
        scales: list[filters.Scale] = filters.SCALES,  # type: ignore[assignment]
        pictures: list[tuple[Count, filters.Scale]] | None = None,
        hop_length: Count = 512,
        window: Window = "hann",
        n_bins: Annotated[Count, Field(ge=2)] = 96,
        fmin: Positive = 32.7,
        fmax: Positive | None = None,
        top_db: Positive | None = None,
        dft: Form = "rfft",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sample_rate = sample_rate
        self.win_lengths = list(win_lengths)
        self.scales = list(scales)
        self.pictures: list[list[Any]] | None = None if pictures is None else [list(pair) for pair in pictures]
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
    def bins(self) -> list[float]:
        """Frequency of each bin of the first spectrogram, in Hz."""
        return self.bins_of(0)

    @property
    def channels(self) -> list[str]:
        """Window length and scale of each spectrogram."""
        return [f"{length} {scale}" for length, scale in self._pairs]

    def bins_of(self, channel: int) -> list[float]:
        """Gives the frequency of each bin of a spectrogram, in Hz."""
        return filters.frequencies(self._pairs[channel][1], self.n_bins, fmin=self.fmin, fmax=self._fmax).tolist()

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features."""
        power = {}
        for length, spectrum in self._spectra.items():
            power[length] = spectrum(
                frame(centre(waveform, length), length, hop_length=self.hop_length) * self._windows[length]
            )
        spectrograms = []
        for length, scale in self._pairs:
            first = self._scales_of(length).index(scale) * self.n_bins
            spectrograms.append(amplitude.decibels(power[length][..., first : first + self.n_bins], self.top_db))
        return ops.stack(spectrograms, axis=-1)

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, n_bins, spectrograms)`."""
        return n_frames(samples + 2, 2, hop_length=self.hop_length), self.n_bins, len(self._pairs)

    @property
    def _fmax(self) -> float:
        return default(self.fmax, self.sample_rate / 2)

    @property
    def _pairs(self) -> list[tuple[int, filters.Scale]]:
        """Window length and scale of each spectrogram."""
        if self.pictures is None:
            return list(itertools.product(self.win_lengths, self.scales))
        return [(length, scale) for length, scale in self.pictures]

    def _scales_of(self, length: int) -> list[filters.Scale]:
        """Gives the scales of the spectrograms with windows of this length."""
        return [scale for of_length, scale in self._pairs if of_length == length]

    def _check(self) -> None:
        """Refuses arguments that do not go together."""
        for pair in self.pictures or ():
            if pair[0] not in self.win_lengths or pair[1] not in self.scales:
                raise ValueError(f"pictures: {pair} is no pair of one of win_lengths and one of scales")
        if len(set(self._pairs)) != len(self._pairs) or not self._pairs:
            raise ValueError("pictures: give at least one pair, and each once")
        refuse_band(self.fmin, self._fmax, sample_rate=self.sample_rate)

    def _make_window(self, length: int) -> np.ndarray:
        return window(self.window, length, frame_length=length).astype(self.precision)

    def _make_filters(self, length: int) -> np.ndarray | filters.Triangles:
        """Gives the filters of all scales of a window length, side by side."""
        full_scale = (np.sum(self._windows[length], dtype=float) / 2) ** 2  # power of a sine of amplitude 1
        band: dict[str, Any] = dict(n_fft=length, n_bins=self.n_bins, fmin=self.fmin, fmax=self._fmax)
        scales = self._scales_of(length)
        if self.dft == "computed":
            parts = [filters.spaced_triangles(scale, self.sample_rate, **band) for scale in scales]
            heights = np.concatenate([part.heights for part in parts]) / full_scale
            return filters.Triangles(np.hstack([part.edges for part in parts]), heights)
        return np.hstack([filters.spaced(scale, self.sample_rate, **band) for scale in scales]) / full_scale
