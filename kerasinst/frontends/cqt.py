"""Constant-Q transform: one bin for each note."""

from types import ModuleType
from typing import Any

import keras
import librosa
import numpy as np

from kerasinst.frontends.dsp.filterbank import FilterBank
from kerasinst.frontends.dsp.validation import Count, Flag, Positive, Rate, Tables, default

HIGHEST = 0.45
"""Highest frequency, as a share of the sample rate; spectra of windows of 17 periods or more end below 0.5 there."""


@keras.saving.register_keras_serializable("kerasinst")
class CQT(FilterBank):
    """Constant-Q transform with Hann windows, its power averaged over each hop.

    Bin k has the frequency f = fmin 2^(k / bins_per_octave) and a window of Q sample_rate / f samples, with
    Q = 1 / (2^(1 / bins_per_octave) - 1), so that neighbouring bins are told apart. A sine of amplitude 1 gives 1, or
    0 dB.

    Args:
        sample_rate: sample rate of the waveform, in Hz.
        n_bins: number of bins; None is 84, or as many as lie below 0.45 of the sample rate, above which a bin also
            responds to the mirror images of sines.
        bins_per_octave: number of bins per octave; 12 gives semitones.
        fmin: frequency of the lowest bin, in Hz; None is C1, 32.7 Hz.
        hop_length: distance between two frames, in samples; a power of 2.
        log: whether features are in decibels; otherwise they are magnitudes.
        top_db: decibels that are further below the loudest value of their segment are raised to that level; None raises
            none.
        tables: "stored" keeps the windowed sines, three megabytes, in a model's file; "computed" computes them each
            time.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, ceil(samples / hop_length), n_bins, 1)`; frame t covers the samples of hop t.

    Raises:
        ValueError: if an argument is not allowed, or does not go together with the others.

    Example:
        >>> CQT(sample_rate=22050)(waveforms).shape
        (8, 87, 84, 1)

    Source: Brown, J. C. (1991). Calculation of a constant Q spectral transform. JASA 89.
    """

    bin_unit = "note"
    overlap = 4.0

    def __init__(
        self,
        sample_rate: Rate,
        n_bins: Count | None = None,
        *,
        bins_per_octave: Count = 12,
        fmin: Positive | None = None,
        hop_length: Count = 512,
        log: Flag = True,
        top_db: Positive | None = None,
        tables: Tables = "stored",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        fmin = default(fmin, float(librosa.note_to_hz("C1")))
        if n_bins is None:
            n_bins = min(84, max(1, 1 + int(bins_per_octave * np.log2(HIGHEST * sample_rate / fmin))))
        self.sample_rate = sample_rate
        self.n_bins = n_bins
        self.bins_per_octave = bins_per_octave
        self.fmin = fmin
        self.hop_length = hop_length
        self.log = log
        self.top_db = top_db
        self.tables = tables
        if self.frequencies[-1] > sample_rate / 2:
            raise ValueError(
                f"the highest of {n_bins} bins is at {self.frequencies[-1]:.0f} Hz, above half of {sample_rate} Hz: "
                "lower n_bins or fmin"
            )
        self._prepare()

    @property
    def frequencies(self) -> np.ndarray:
        """Frequency of each bin, in Hz."""
        return self.fmin * 2 ** (np.arange(self.n_bins) / self.bins_per_octave)

    @property
    def bins(self) -> list[str]:
        """Nearest note of each bin."""
        return librosa.hz_to_note(self.frequencies, unicode=False).tolist()

    @property
    def widths(self) -> np.ndarray:
        """Half the length of each window, in samples."""
        quality = 1 / (2 ** (1 / self.bins_per_octave) - 1)
        return np.ceil(quality * self.sample_rate / self.frequencies / 2)

    def envelope(self, distance: Any, *, xp: ModuleType) -> Any:
        """Computes the Hann window."""
        return 0.5 + 0.5 * xp.cos(xp.minimum(distance, 1.0) * np.pi)
