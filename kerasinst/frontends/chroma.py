"""Chromagram: how much of each of the twelve notes is heard, in whatever octave."""

from typing import Annotated

import keras
import librosa
import numpy as np
from keras import ops
from pydantic import Field

from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.framing import centre, frame, n_frames, window
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import Count, Form, Number, Rate, Window

QUIET = float(np.finfo("float32").tiny)


@keras.saving.register_keras_serializable("kerasinst")
class Chroma(FrontEnd):
    """Power in each pitch class, relative to the strongest one of the frame.

    Equals `librosa.feature.chroma_stft(..., tuning=tuning)`. Silence is 0.

    Args:
        sample_rate: of the waveform, in Hz.
        n_fft: length of the DFT and its window, in samples.
        hop_length: from frame to frame, in samples.
        window: any name that `scipy.signal.get_window` knows.
        tuning: deviation from A4 = 440 Hz, in semitones.
        dft: "rfft", or "conv" for runtimes without an FFT operator, or "computed" for small files; see `dft.py`.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, 12, 1)`, C first, from 0 to 1; frame t is centred at `t * hop_length`.

    Raises:
        ValueError: if a value cannot work together with the others.

    Example:
        >>> Chroma(sample_rate=22050)(waveforms).shape
        (8, 87, 12, 1)

    Source: Ellis, D. P. W. (2007). Chroma feature analysis and synthesis.
    """

    bin_unit = "note"
    center = True

    def __init__(
        self,
        sample_rate: Rate,
        n_fft: Annotated[Count, Field(ge=16)] = 2048,
        *,
        hop_length: Count = 512,
        window: Window = "hann",
        tuning: Annotated[Number, Field(ge=-0.5, le=0.5)] = 0.0,
        dft: Form = "rfft",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.window = window
        self.tuning = tuning
        self.dft = dft
        self._window = self._make_window().astype(self.precision)
        chroma = librosa.filters.chroma(sr=sample_rate, n_fft=n_fft, tuning=tuning, dtype=np.float64)
        self._chroma = PowerSpectrum(n_fft, chroma.T, dft=dft, dtype=self.precision)

    @property
    def bins(self):
        """Name of each pitch class."""
        return list(librosa.midi_to_note(np.arange(12), octave=False, unicode=False))

    def picture(self, waveform):
        """Computes the picture."""
        frames = frame(centre(waveform, self.n_fft), self.n_fft, hop_length=self.hop_length) * self._window
        chroma = self._chroma(frames)
        loudest = ops.max(chroma, axis=-1, keepdims=True)
        return ops.expand_dims(chroma / ops.where(loudest < QUIET, 1.0, loudest), -1)

    def features_shape(self, samples):
        """`(frames, 12, 1)`."""
        return n_frames(samples + 2 * (self.n_fft // 2), self.n_fft, hop_length=self.hop_length), 12, 1

    def _make_window(self) -> np.ndarray:
        return window(self.window, self.n_fft, frame_length=self.n_fft)
