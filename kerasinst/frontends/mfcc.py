"""Mel-frequency cepstral coefficients, as python_speech_features computes them."""

import keras
import numpy as np
import scipy.fft
from keras import ops

from kerasinst.frontends.framing import frame, n_frames, power_spectrum, refuse_non_numbers, refuse_uncountable


@keras.saving.register_keras_serializable("kerasinst")
class MFCC(keras.layers.Layer):
    """Pre-emphasis, power spectrum, triangular mel filters, logarithm, DCT, lifter.

    Equals `python_speech_features.mfcc` within 1e-3. Computed in float32 whatever the dtype policy.

    Args:
        sample_rate: that frame lengths and filters count with, in Hz. The ee5180 study leaves it at
            python_speech_features' 16,000 for audio of 22,050 Hz.
        n_mfcc: coefficients kept.
        n_mels: triangular filters between `fmin` and `fmax`.
        n_fft: length of the DFT, in samples.
        win_length: of a frame, in samples; None is 25 ms.
        hop_length: from frame to frame, in samples; None is 10 ms.
        fmin: in Hz.
        fmax: in Hz; None is half the sample rate.
        preemphasis: share of the previous sample that is subtracted.
        lifter: 0 for none.
        energy: replace the first coefficient by the logarithm of the frame's energy.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_mfcc, 1)`. The last frame is filled up with zeros.

    Raises:
        ValueError: if a value cannot work together with the others.

    Example:
        >>> MFCC(sample_rate=16000)(two_seconds_at_22050_hz).shape
        (8, 275, 13, 1)

    Source: Davis and Mermelstein (1980); the HTK book (2009) for the lifter; Lyons, python_speech_features 0.6.
    """

    def __init__(
        self,
        sample_rate,
        n_mfcc=13,
        n_mels=26,
        n_fft=512,
        win_length=None,
        hop_length=None,
        fmin=0.0,
        fmax=None,
        preemphasis=0.97,
        lifter=22,
        energy=True,
        dtype="float32",
        **kwargs,
    ):
        super().__init__(dtype=dtype, **kwargs)
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.n_mels = n_mels
        self.n_fft = n_fft
        self.win_length = win_length or int(0.025 * sample_rate + 0.5)
        self.hop_length = hop_length or int(0.010 * sample_rate + 0.5)
        self.fmin = fmin
        self.fmax = fmax
        self.preemphasis = preemphasis
        self.lifter = lifter
        self.energy = energy
        refuse_uncountable(
            n_mfcc=n_mfcc, n_mels=n_mels, n_fft=n_fft, win_length=self.win_length, hop_length=self.hop_length
        )
        refuse_non_numbers(fmin=fmin, fmax=fmax or sample_rate / 2, preemphasis=preemphasis, lifter=lifter)
        if n_mfcc > n_mels:
            raise ValueError(f"n_mfcc={n_mfcc} must be at most n_mels={n_mels}")
        if self.win_length > n_fft:
            raise ValueError(f"n_fft={n_fft} is shorter than a frame of {self.win_length} samples: raise n_fft")
        if not 0 <= fmin < (fmax or sample_rate / 2) <= sample_rate / 2:
            raise ValueError(f"fmin={fmin} and fmax={fmax} Hz must lie in order within half of {sample_rate} Hz")
        self._filters = _triangles(sample_rate, n_fft, n_mels, fmin, fmax or sample_rate / 2)
        cepstrum = scipy.fft.dct(np.eye(n_mels), type=2, norm="ortho", axis=1)[:, :n_mfcc]
        lift = 1 + (lifter / 2) * np.sin(np.pi * np.arange(n_mfcc) / lifter) if lifter > 0 else 1.0
        self._cepstrum = (cepstrum * lift).astype("float32")

    def call(self, waveform):
        """Computes the picture."""
        emphasised = waveform[:, 1:] - self.preemphasis * waveform[:, :-1]
        missing = self._padded(waveform.shape[1]) - waveform.shape[1]
        signal = ops.pad(ops.concatenate([waveform[:, :1], emphasised], axis=1), [[0, 0], [0, missing]])
        power = power_spectrum(frame(signal, self.win_length, self.hop_length), self.n_fft) / self.n_fft
        cepstrum = ops.matmul(_log(ops.matmul(power, self._filters)), self._cepstrum)
        if self.energy:
            energy = _log(ops.sum(power, axis=-1, keepdims=True))
            cepstrum = ops.concatenate([energy, cepstrum[..., 1:]], axis=-1)
        return ops.expand_dims(cepstrum, -1)

    def compute_output_shape(self, input_shape):
        """`(batch, frames, n_mfcc, 1)`."""
        batch, samples = input_shape
        return (batch, n_frames(self._padded(samples), self.win_length, self.hop_length), self.n_mfcc, 1)

    def get_config(self):
        """All arguments."""
        return {
            **super().get_config(),
            "sample_rate": self.sample_rate,
            "n_mfcc": self.n_mfcc,
            "n_mels": self.n_mels,
            "n_fft": self.n_fft,
            "win_length": self.win_length,
            "hop_length": self.hop_length,
            "fmin": self.fmin,
            "fmax": self.fmax,
            "preemphasis": self.preemphasis,
            "lifter": self.lifter,
            "energy": self.energy,
        }

    def _padded(self, samples: int) -> int:
        """Samples after the last frame has been filled up."""
        hops = max(0, -(-(samples - self.win_length) // self.hop_length))
        return self.win_length + hops * self.hop_length


def _log(power):
    """Logarithm; zero power counts as double precision's epsilon, as in python_speech_features."""
    return ops.log(ops.where(power == 0, float(np.finfo("float64").eps), power))


def _triangles(sample_rate: float, n_fft: int, n_mels: int, fmin: float, fmax: float) -> np.ndarray:
    """Triangles between whole DFT bins, equally spaced in mel = 2595 log10(1 + f / 700), of height 1."""
    mel = np.linspace(*(2595 * np.log10(1 + np.array([fmin, fmax]) / 700)), n_mels + 2)
    left, centre, right = (
        edges[None]
        for edges in np.lib.stride_tricks.sliding_window_view(
            np.floor((n_fft + 1) * 700 * (10 ** (mel / 2595) - 1) / sample_rate), n_mels
        )
    )
    bins = np.arange(n_fft // 2 + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = np.where((left <= bins) & (bins < centre), (bins - left) / (centre - left), 0)
        falling = np.where((centre <= bins) & (bins < right), (right - bins) / (right - centre), 0)
    return (rising + falling).astype("float32")
