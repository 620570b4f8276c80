"""Chromagram: how much of each of the twelve notes is heard, in whatever octave."""

import keras
import librosa
import numpy as np
from keras import ops

from kerasinst.frontends.dft import FORMS, PowerSpectrum
from kerasinst.frontends.framing import centre, frame, n_frames, window
from kerasinst.frontends.frontend import FrontEnd, refuse_non_numbers, refuse_others, refuse_uncountable

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
        n_chroma: 12 for semitones, from C up.
        tuning: deviation from A4 = 440 Hz, in bins.
        dft: "rfft", or "conv" for runtimes without an FFT operator.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_chroma, 1)`, from 0 to 1; frame t is centred at `t * hop_length`.

    Raises:
        ValueError: if a value cannot work together with the others.

    Example:
        >>> Chroma(sample_rate=22050)(waveforms).shape
        (8, 87, 12, 1)

    Source: Ellis, D. P. W. (2007). Chroma feature analysis and synthesis.
    """

    bin_unit = "note"

    def __init__(
        self, sample_rate, n_fft=2048, hop_length=512, window="hann", n_chroma=12, tuning=0.0, dft="rfft", **kwargs
    ):
        super().__init__(**kwargs)
        refuse_uncountable(n_fft=n_fft, hop_length=hop_length, n_chroma=n_chroma)
        refuse_non_numbers(tuning=tuning)
        refuse_others(dft=(dft, FORMS))
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.window = window
        self.n_chroma = n_chroma
        self.tuning = tuning
        self.dft = dft
        self._window = self._make_window().astype(self.precision)
        chroma = librosa.filters.chroma(sr=sample_rate, n_fft=n_fft, tuning=tuning, n_chroma=n_chroma, dtype=np.float64)
        self._chroma = PowerSpectrum(n_fft, chroma.T, dft, dtype=self.precision)

    @property
    def bins(self):
        """Name of each pitch class."""
        notes = librosa.midi_to_note(np.arange(self.n_chroma) * 12 / self.n_chroma, octave=False, unicode=False)
        return list(notes)

    def picture(self, waveform):
        """Computes the picture."""
        frames = frame(centre(waveform, self.n_fft), self.n_fft, self.hop_length) * self._window
        chroma = self._chroma(frames)
        loudest = ops.max(chroma, axis=-1, keepdims=True)
        return ops.expand_dims(chroma / ops.where(loudest < QUIET, 1.0, loudest), -1)

    def picture_shape(self, samples):
        """`(frames, n_chroma, 1)`."""
        return n_frames(samples + 2 * (self.n_fft // 2), self.n_fft, self.hop_length), self.n_chroma, 1

    def _make_window(self) -> np.ndarray:
        return window(self.window, self.n_fft, self.n_fft)
