"""Log-mel spectrogram, as librosa computes it."""

from typing import Any, ClassVar, Literal

import keras
import librosa
import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp import amplitude, filters, generated_tables
from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.framing import centre, frame, n_frames, window
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.validation import (
    Count,
    Flag,
    Form,
    NotNegative,
    Positive,
    Rate,
    Window,
    default,
    refuse_band,
)

SILENT = 1e-8
"""Largest amplitude that is silence, which stays as it is."""


@keras.saving.register_keras_serializable("kerasinst")
class LogMel(FrontEnd):
    """Mel spectrogram in decibels, or in another compression.

    Equals `librosa.power_to_db(librosa.feature.melspectrogram(...), ref=1.0, top_db=top_db)` within 0.01 dB for values
    above -80 dB that are at most 90 dB below the loudest bin. If `dft` is not "rfft" or `n_fft` is no power of 2, the
    90 dB are 80 dB; if `power` is 1, they are halved. Below, float32 is not precise enough, but `dtype="float64"` is.

    Presets: `librosa` (its defaults for MFCC); `audioset4` (the study's); `panns` and `panns_16k` (Kong, Q. et al.
    (2020). PANNs. IEEE/ACM TASLP); `yamnet` (AudioSet's, natural logarithm of magnitudes).

    Args:
        sample_rate: sample rate of the waveform, in Hz.
        n_fft: length of the Fourier transform, in samples; if it is no power of 2, "conv" takes the place of "rfft".
        hop_length: distance between two frames, in samples.
        win_length: length of the window, which is centred in its frame, in samples; None is the frame's.
        window: name of a window that `scipy.signal.get_window` knows, or a name with its parameter.
        center: whether to pad the waveform so that frame t is centred at sample `t * hop_length`.
        pad_mode: what to pad with: "constant" (zeros) or "reflect".
        power: 2 for power, 1 for magnitude.
        n_mels: number of bands between `fmin` and `fmax`; those narrower than a bin of the transform may stay empty.
        fmin: lower end of the lowest band, in Hz.
        fmax: upper end of the highest band, in Hz; None is half the sample rate.
        htk: whether to use HTK's mel formula instead of Slaney's.
        norm: "slaney" for bands of equal area, None for bands of height 1.
        top_db: values that are further below the loudest one of their segment are raised to that level, in dB; None
            raises none.
        frame_length: length of a frame, in samples, which decides how many frames fit; None is `n_fft`, as in librosa.
            Give `win_length` for frames as TensorFlow has them.
        straight_in_mel: whether the sides of filters are straight over mel instead of Hz, as TensorFlow makes them (HTK
            formula, no norm).
        log_offset: takes the natural logarithm of mel plus this offset, instead of decibels.
        peak_normalize: whether each waveform is first divided by its largest absolute value; silence stays silent.
        pcen: options of `amplitude.pcen`, which takes the place of decibels; {} for librosa's defaults.
        dft: form of the Fourier transform: "rfft", "conv" for runtimes without an FFT operator, or "computed" for small
            files; see `dft.py`.

    Input shape: `(batch, samples)`, floats in [-1, 1].
    Output shape: `(batch, frames, n_mels, 1)`, in dB relative to full scale.

    Raises:
        ValueError: if an argument is not allowed, or does not go together with the others.

    Example:
        >>> LogMel(sample_rate=22050, n_mels=64)(waveforms).shape
        (8, 87, 64, 1)

    Source: Slaney, Auditory Toolbox (1998) for the mel scale; McFee et al., librosa (2015) for the conventions.
    """

    presets: ClassVar = {
        "librosa": {"n_fft": 2048, "hop_length": 512, "n_mels": 128, "top_db": 80.0},
        "audioset4": {"sample_rate": 16000, "n_fft": 400, "hop_length": 200, "n_mels": 128},
        "panns": {
            "sample_rate": 32000, "n_fft": 1024, "hop_length": 320, "n_mels": 64, "fmin": 50.0, "fmax": 14000.0,
            "pad_mode": "reflect",
        },
        "panns_16k": {
            "sample_rate": 16000, "n_fft": 512, "hop_length": 160, "n_mels": 64, "fmin": 50.0, "fmax": 8000.0,
            "pad_mode": "reflect",
        },
        "yamnet": {
            "sample_rate": 16000, "n_fft": 512, "hop_length": 160, "win_length": 400, "frame_length": 400, "n_mels": 64,
            "fmin": 125.0, "fmax": 7500.0, "power": 1, "center": False, "straight_in_mel": True, "log_offset": 0.001,
        },
    }  # fmt: skip

    def __init__(
        self,
        sample_rate: Rate,
        n_fft: Count = 1024,
        *,
        hop_length: Count = 512,
        win_length: Count | None = None,
        window: Window = "hann",
        center: Flag = True,
        pad_mode: Literal["constant", "reflect"] = "constant",
        power: Literal[1, 2] = 2,
        n_mels: Count = 128,
        fmin: NotNegative = 0.0,
        fmax: Positive | None = None,
        htk: Flag = False,
        norm: Literal["slaney"] | None = "slaney",
        top_db: Positive | None = None,
        frame_length: Count | None = None,
        straight_in_mel: Flag = False,
        log_offset: Positive | None = None,
        pcen: amplitude.PCEN | None = None,
        peak_normalize: Flag = False,
        dft: Form = "rfft",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.center = center
        self.pad_mode = pad_mode
        self.power = power
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk
        self.norm = norm
        self.top_db = top_db
        self.frame_length = frame_length
        self.straight_in_mel = straight_in_mel
        self.log_offset = log_offset
        self.pcen = pcen
        self.peak_normalize = peak_normalize
        self.dft = dft
        self._check()
        plain = window == "hann" and 1 < default(win_length, self._frame_length) == self._frame_length
        self._window = None if dft == "computed" and plain else self._make_window().astype(self.precision)
        self._mel = PowerSpectrum(n_fft, self._make_filters(), dft=dft, power=power, dtype=self.precision)

    @property
    def bins(self) -> list[float]:
        """Centre of each band, in Hz."""
        edges = librosa.mel_frequencies(self.n_mels + 2, fmin=self.fmin, fmax=self._fmax, htk=self._htk)
        return edges[1:-1].tolist()

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features."""
        if self.peak_normalize:
            waveform = waveform / ops.maximum(ops.max(ops.abs(waveform), axis=-1, keepdims=True), SILENT)
        if self.center:
            waveform = centre(waveform, self._frame_length, pad_mode=self.pad_mode)
        frames = frame(waveform, self._frame_length, hop_length=self.hop_length)
        frames = frames * (generated_tables.hann(frames) if self._window is None else self._window)
        return ops.expand_dims(self._compress(self._mel(frames)), -1)

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, n_mels, 1)`."""
        padded = samples + 2 * (self._frame_length // 2) * self.center
        if self.center and self.pad_mode == "reflect" and samples <= self._frame_length // 2:
            raise ValueError(f"{samples} samples cannot be reflected by {self._frame_length // 2}: use longer segments")
        return n_frames(padded, self._frame_length, hop_length=self.hop_length), self.n_mels, 1

    @property
    def _frame_length(self) -> int:
        return default(self.frame_length, self.n_fft)

    @property
    def _fmax(self) -> float:
        return default(self.fmax, self.sample_rate / 2)

    @property
    def _htk(self) -> bool:
        return self.htk or self.straight_in_mel

    def _check(self) -> None:
        """Refuses arguments that do not go together."""
        refuse_band(self.fmin, self._fmax, sample_rate=self.sample_rate)
        if self._frame_length > self.n_fft:
            raise ValueError(f"frame_length={self.frame_length} must be at most n_fft={self.n_fft}")
        if sum(value is not None for value in (self.pcen, self.log_offset, self.top_db)) > 1:
            raise ValueError("pcen and log_offset each take the place of decibels: give one of them and top_db")

    def _make_window(self) -> np.ndarray:
        return window(self.window, default(self.win_length, self._frame_length), frame_length=self._frame_length)

    def _make_filters(self) -> np.ndarray | filters.Triangles:
        if self.straight_in_mel:
            return filters.mel_straight_in_mel(
                self.sample_rate, self.n_fft, n_mels=self.n_mels, fmin=self.fmin, fmax=self._fmax
            )
        make = filters.mel_triangles if self.dft == "computed" else filters.mel
        return make(
            self.sample_rate,
            self.n_fft,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self._fmax,
            htk=self.htk,
            norm=self.norm,
        )

    def _compress(self, mel: Tensor) -> Tensor:
        """Takes decibels, or what the arguments ask for in their place."""
        if self.pcen is not None:
            return amplitude.pcen(mel, self.sample_rate / self.hop_length, **self.pcen)
        if self.log_offset is not None:
            return ops.log(mel + self.log_offset)
        return amplitude.decibels(mel, self.top_db)
