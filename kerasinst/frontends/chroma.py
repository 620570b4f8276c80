"""Chromagram: how strong each of the twelve pitch classes is, whatever the octave."""

from typing import Annotated, Any

import keras
import librosa
import numpy as np
from keras import ops
from pydantic import Field

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.framing import centre, frame, n_frames, window
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import Count, Form, Number, Rate, Window

QUIET = float(np.finfo("float32").tiny)
"""Frames whose strongest pitch class is below this are silent."""


@keras.saving.register_keras_serializable("kerasinst")
class Chroma(FrontEnd):
    """Power of each pitch class, relative to the strongest one of the frame.

    Equals `librosa.feature.chroma_stft(..., tuning=tuning)`. Silence gives 0.

    Args:
        sample_rate: sample rate of the waveform, in Hz.
        n_fft: length of the Fourier transform and of its window, in samples.
        hop_length: distance between two frames, in samples.
        window: name of a window that `scipy.signal.get_window` knows, or a name with its parameter.
        tuning: deviation from A4 = 440 Hz, in semitones.
        dft: form of the Fourier transform: "rfft", "conv" for runtimes without an FFT operator, or "computed" for small
            files; see `dft.py`.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, 12, 1)`, C first, from 0 to 1; frame t is centred at sample `t * hop_length`.

    Raises:
        ValueError: if an argument is not allowed, or does not go together with the others.

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
        **kwargs: Any,
    ) -> None:
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
    def bins(self) -> list[str]:
        """Name of each pitch class."""
        return list(librosa.midi_to_note(np.arange(12), octave=False, unicode=False))

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features."""
        frames = frame(centre(waveform, self.n_fft), self.n_fft, hop_length=self.hop_length) * self._window
        chroma = self._chroma(frames)
        loudest = ops.max(chroma, axis=-1, keepdims=True)
        return ops.expand_dims(chroma / ops.where(loudest < QUIET, 1.0, loudest), -1)

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, 12, 1)`."""
        return n_frames(samples + 2 * (self.n_fft // 2), self.n_fft, hop_length=self.hop_length), 12, 1

    def _make_window(self) -> np.ndarray:
        return window(self.window, self.n_fft, frame_length=self.n_fft)
