"""Mel-frequency cepstral coefficients, as librosa or python_speech_features computes them."""

from typing import Annotated, Any, ClassVar, Literal

import keras
import numpy as np
import scipy.fft
from keras import ops
from pydantic import Field

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp import amplitude, deltas, filters
from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.framing import centre, frame, n_frames, window
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import (
    Count,
    Flag,
    Form,
    NotNegative,
    Number,
    Positive,
    Rate,
    Window,
    default,
    refuse_band,
)


@keras.saving.register_keras_serializable("kerasinst")
class MFCC(FrontEnd):
    """Pre-emphasis, power spectrum, mel filters, logarithm, DCT-II, lifter and, on request, deltas.

    Equals `python_speech_features.mfcc` or `librosa.feature.mfcc` within 1e-3; a lifter magnifies differences as it
    does coefficients.

    Presets: `python_speech_features` (the default: 26 filters, energy replaced, lifter 22) and `librosa` (2,048 samples
    every 512, 128 filters, 20 coefficients, 80 dB).

    Args:
        sample_rate: sample rate by which frame lengths and filters are computed, in Hz. The ee5180 study leaves it at
            python_speech_features' 16,000 for audio of 22,050 Hz.
        style: library whose conventions are followed. "python_speech_features" has triangles between whole bins and the
            natural logarithm, and fills up the last frame with zeros; "librosa" has Slaney's filters of equal area,
            decibels and centred frames. The preset `librosa` also sets the other arguments to librosa's defaults.
        n_mfcc: number of coefficients that are kept.
        n_mels: number of filters between `fmin` and `fmax`.
        n_fft: length of the Fourier transform, in samples; None is the power of 2 that holds `win_length`, or 2,048 in
            style "librosa".
        win_length: length of the window, in samples; None is 25 ms, or `n_fft` in style "librosa".
        hop_length: distance between two frames, in samples; None is 10 ms, or 512 in style "librosa".
        window: name of a window that `scipy.signal.get_window` knows, or a name with its parameter.
        fmin: lower end of the lowest filter, in Hz.
        fmax: upper end of the highest filter, in Hz; None is half the sample rate.
        preemphasis: share of the previous sample that is subtracted from each sample.
        lifter: length of the lifter that raises the higher coefficients; 0 applies none.
        energy: whether the first coefficient is replaced by the logarithm of the frame's energy.
        top_db: decibels that are further below the loudest value of their segment are raised to that level (style
            "librosa" only).
        deltas: 1 adds how the coefficients change, 2 also how that change changes, each as a channel.
        dft: form of the Fourier transform: "rfft", "conv" for runtimes without an FFT operator, or "computed" for small
            files; see `dft.py`.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_mfcc, 1 + deltas)`.

    Raises:
        ValueError: if an argument is not allowed, or does not go together with the others.

    Example:
        >>> MFCC(sample_rate=16000)(two_seconds_at_22050_hz).shape
        (8, 275, 13, 1)

    Source: Davis and Mermelstein (1980); the HTK book (2009) for the lifter; Lyons, python_speech_features 0.6.
    """

    bin_unit = "coefficient"
    presets: ClassVar = {
        "python_speech_features": {},
        "librosa": {
            "style": "librosa", "n_mfcc": 20, "n_mels": 128, "window": "hann", "preemphasis": 0.0,
            "lifter": 0, "energy": False,
        },
    }  # fmt: skip

    def __init__(
        self,
        sample_rate: Rate,
        style: Literal["python_speech_features", "librosa"] = "python_speech_features",
        *,
        n_mfcc: Annotated[Count, Field(ge=2)] = 13,
        n_mels: Count = 26,
        n_fft: Count | None = None,
        win_length: Count | None = None,
        hop_length: Count | None = None,
        window: Window = "boxcar",
        fmin: NotNegative = 0.0,
        fmax: Positive | None = None,
        preemphasis: Number = 0.97,
        lifter: NotNegative = 22,
        energy: Flag = True,
        top_db: Positive | None = 80.0,
        deltas: Literal[0, 1, 2] = 0,
        dft: Form = "rfft",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sample_rate = sample_rate
        self.style = style
        self.center = style == "librosa"
        self.n_mfcc = n_mfcc
        self.n_mels = n_mels
        if style == "librosa":
            n_fft = default(n_fft, 2048)
            win_length = default(win_length, n_fft)
            hop_length = default(hop_length, 512)
        else:
            win_length = default(win_length, int(0.025 * sample_rate + 0.5))
            hop_length = default(hop_length, int(0.010 * sample_rate + 0.5))
            n_fft = default(n_fft, 2 ** int(np.ceil(np.log2(win_length))))
        self.n_fft = n_fft
        self.win_length = win_length
        self.hop_length = hop_length
        self.window = window
        self.fmin = fmin
        self.fmax = fmax
        self.preemphasis = preemphasis
        self.lifter = lifter
        self.energy = energy
        self.top_db = top_db
        self.deltas = deltas
        self.dft = dft
        self._check()
        self._window = self._make_window().astype(self.precision)
        self._mel_and_energy = PowerSpectrum(self.n_fft, self._make_filters(), dft=dft, dtype=self.precision)
        cepstrum = scipy.fft.dct(np.eye(n_mels), type=2, norm="ortho", axis=1)[:, :n_mfcc] * self._lift()
        self._cepstrum = cepstrum[:, 1:].astype(self.precision)
        self._mean_to_first = float(cepstrum[:, 0].sum())

    @property
    def bins(self) -> list[int]:
        """Number of each coefficient."""
        return list(range(self.n_mfcc))

    @property
    def channels(self) -> list[str]:
        """Names of the coefficients and their deltas."""
        return ["coefficients", "deltas", "double deltas"][: 1 + self.deltas]

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features."""
        both = self._mel_and_energy(self._frames(waveform))
        mel, energy = both[..., : self.n_mels], both[..., self.n_mels :]
        log = amplitude.decibels(mel, self.top_db) if self.style == "librosa" else _log(mel)
        # The first coefficient is the mean; without it, float32 has more digits left for the others.
        mean = ops.mean(log, axis=-1, keepdims=True)
        first = _log(energy) if self.energy else mean * self._mean_to_first
        cepstrum = ops.concatenate([first, ops.matmul(log - mean, self._cepstrum)], axis=-1)
        return ops.stack([cepstrum, *self._deltas_of(cepstrum)], axis=-1)

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, n_mfcc, 1 + deltas)`."""
        frames = n_frames(self._padded(samples), self._frame_length, hop_length=self.hop_length)
        if self.style == "librosa" and self.deltas and frames < deltas.WIDTH:
            raise ValueError(
                f"deltas need {deltas.WIDTH} frames, but {samples} samples give {frames}: lengthen segments"
            )
        return frames, self.n_mfcc, 1 + self.deltas

    @property
    def _frame_length(self) -> int:
        return self.n_fft if self.style == "librosa" else self.win_length

    @property
    def _fmax(self) -> float:
        return default(self.fmax, self.sample_rate / 2)

    def _padded(self, samples: int) -> int:
        """Gives the length of the waveform with its padding at both ends."""
        if self.style == "librosa":
            return samples + 2 * (self.n_fft // 2)
        hops = max(0, -(-(samples - self.win_length) // self.hop_length))
        return self.win_length + hops * self.hop_length

    def _frames(self, waveform: Tensor) -> Tensor:
        """Cuts the waveform into windowed frames, after pre-emphasis and padding."""
        samples = waveform.shape[1]
        if self.preemphasis:
            emphasised = waveform[:, 1:] - self.preemphasis * waveform[:, :-1]
            waveform = ops.concatenate([waveform[:, :1], emphasised], axis=1)
        if self.style == "librosa":
            waveform = centre(waveform, self.n_fft)
        else:
            waveform = ops.pad(waveform, [[0, 0], [0, max(0, self._padded(samples) - samples)]])
        frames = frame(waveform, self._frame_length, hop_length=self.hop_length)
        if self.window != "boxcar" or self.win_length < self._frame_length:
            return frames * self._window
        return frames

    def _deltas_of(self, cepstrum: Tensor) -> list[Tensor]:
        if self.style == "librosa":
            return [deltas.savitzky_golay(cepstrum, order) for order in range(1, self.deltas + 1)]
        found = [cepstrum]
        for _ in range(self.deltas):
            found.append(deltas.regression(found[-1]))
        return found[1:]

    def _check(self) -> None:
        """Refuses arguments that do not go together."""
        refuse_band(self.fmin, self._fmax, sample_rate=self.sample_rate)
        if self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc={self.n_mfcc} must be at most n_mels={self.n_mels}")
        if self.win_length > self.n_fft:
            raise ValueError(f"n_fft={self.n_fft} is shorter than a frame of {self.win_length} samples: raise n_fft")

    def _make_window(self) -> np.ndarray:
        return window(self.window, self.win_length, frame_length=self._frame_length)

    def _make_filters(self) -> np.ndarray:
        """Gives the mel filters and, if the energy is asked for, a column that sums all power."""
        rate, n_fft, n_mels, fmin, fmax = self.sample_rate, self.n_fft, self.n_mels, self.fmin, self._fmax
        if self.style == "librosa":
            mel = filters.mel(rate, n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=False, norm="slaney")
        else:
            mel = filters.mel_between_bins(rate, n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
        mel = np.hstack([mel, np.ones((len(mel), 1))]) if self.energy else mel
        return mel if self.style == "librosa" else mel / self.n_fft

    def _lift(self) -> np.ndarray | float:
        """Gives the lifter's factors; python_speech_features counts coefficients from 0 here, and librosa from 1."""
        first = 1 if self.style == "librosa" else 0
        n = np.arange(first, first + self.n_mfcc)
        return 1 + (self.lifter / 2) * np.sin(np.pi * n / self.lifter) if self.lifter > 0 else 1.0


def _log(power: Tensor) -> Tensor:
    """Takes the logarithm; zero counts as double precision's epsilon, as in python_speech_features."""
    return ops.log(ops.where(power == 0, float(np.finfo("float64").eps), power))
