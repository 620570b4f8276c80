"""Log-mel spectrogram, as librosa computes it."""

import keras
import librosa
import numpy as np
from keras import ops

from kerasinst.frontends.framing import frame, n_frames, power_spectrum, refuse_non_numbers, refuse_uncountable


@keras.saving.register_keras_serializable("kerasinst")
class LogMel(keras.layers.Layer):
    """Mel spectrogram in decibels.

    Equals `librosa.power_to_db(librosa.feature.melspectrogram(...), ref=1.0, top_db=top_db)` within 0.01 dB above
    -80 dB, as far as 100 dB below the loudest bin; further down float32 ends (0.1 dB off at 115 dB below a pure tone).
    Computed in float32 whatever the dtype policy, since float16 overflows on silence.

    Args:
        sample_rate: of the waveform, in Hz.
        n_fft: length of the DFT, in samples.
        hop_length: from frame to frame, in samples.
        win_length: of the window, centred in the DFT, in samples; None is `n_fft`.
        window: any name that `scipy.signal.get_window` knows.
        center: pad with zeros so that frame t is centred at `t * hop_length`.
        n_mels: bands between `fmin` and `fmax`.
        fmin: in Hz.
        fmax: in Hz; None is half the sample rate.
        htk: the HTK mel formula instead of Slaney's.
        norm: "slaney" for bands of equal area, or None.
        top_db: values further below the loudest of their segment are raised to that; None for none.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_mels, 1)`, in dB relative to full scale.

    Raises:
        ValueError: if a value cannot work together with the others.

    Example:
        >>> LogMel(sample_rate=22050, n_mels=64)(waveforms).shape
        (8, 87, 64, 1)

    Source: Slaney, Auditory Toolbox (1998) for the mel scale; McFee et al., librosa (2015) for the conventions.
    """

    def __init__(
        self,
        sample_rate,
        n_fft=1024,
        hop_length=512,
        win_length=None,
        window="hann",
        center=True,
        n_mels=128,
        fmin=0.0,
        fmax=None,
        htk=False,
        norm="slaney",
        top_db=None,
        dtype="float32",
        **kwargs,
    ):
        super().__init__(dtype=dtype, **kwargs)
        refuse_uncountable(n_fft=n_fft, hop_length=hop_length, win_length=win_length or n_fft, n_mels=n_mels)
        refuse_non_numbers(fmin=fmin, fmax=fmax or sample_rate / 2, top_db=top_db or 0)
        if norm not in ("slaney", None):
            raise ValueError(f"norm={norm!r} must be 'slaney' or null")
        if win_length is not None and not 1 <= win_length <= n_fft:
            raise ValueError(f"win_length={win_length} must be from 1 to n_fft={n_fft}")
        if not 0 <= fmin < (fmax or sample_rate / 2) <= sample_rate / 2:
            raise ValueError(f"fmin={fmin} and fmax={fmax} Hz must lie in order within half of {sample_rate} Hz")
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.center = center
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk
        self.norm = norm
        self.top_db = top_db
        window_samples = librosa.filters.get_window(window, win_length or n_fft)
        self._window = librosa.util.pad_center(window_samples, size=n_fft).astype("float32")
        self._filters = librosa.filters.mel(
            sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm
        ).T.astype("float32")

    def call(self, waveform):
        """Computes the picture."""
        if self.center:
            waveform = ops.pad(waveform, [[0, 0], [self.n_fft // 2, self.n_fft // 2]])
        frames = frame(waveform, self.n_fft, self.hop_length) * self._window
        mel = ops.matmul(power_spectrum(frames, self.n_fft), self._filters)
        decibels = ops.log(ops.maximum(mel, 1e-10)) * (10 / np.log(10))
        if self.top_db is not None:
            decibels = ops.maximum(decibels, ops.max(decibels, axis=(1, 2), keepdims=True) - self.top_db)
        return ops.expand_dims(decibels, -1)

    def compute_output_shape(self, input_shape):
        """`(batch, frames, n_mels, 1)`."""
        batch, samples = input_shape
        padded = samples + 2 * (self.n_fft // 2) * self.center
        return (batch, n_frames(padded, self.n_fft, self.hop_length), self.n_mels, 1)

    def get_config(self):
        """All arguments."""
        return {
            **super().get_config(),
            "sample_rate": self.sample_rate,
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
            "win_length": self.win_length,
            "window": self.window,
            "center": self.center,
            "n_mels": self.n_mels,
            "fmin": self.fmin,
            "fmax": self.fmax,
            "htk": self.htk,
            "norm": self.norm,
            "top_db": self.top_db,
        }
