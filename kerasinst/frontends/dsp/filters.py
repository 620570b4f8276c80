"""Filters: matrices from the bins of a power spectrum to the bins of features.

All are of shape `(n_fft // 2 + 1, n_bins)`, in float64. Arguments that several functions share: `sample_rate`, `fmin`
and `fmax` are in Hz, and `n_fft` is the length of the Fourier transform in samples.
"""

import warnings
from dataclasses import dataclass
from typing import Literal, get_args

import librosa
import numpy as np

Scale = Literal["linear", "log", "mel"]
"""Name of a frequency scale."""
SCALES: tuple[Scale, ...] = get_args(Scale)


@dataclass(frozen=True)
class Triangles:
    """Filters that rise in a straight line from one frequency to another and fall to a third.

    Args:
        edges: left end, centre and right end of each filter, in bins, `(3, filters)`.
        heights: height of each filter, `(filters,)`.
    """

    edges: np.ndarray
    heights: np.ndarray

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Left and right end of each filter, and how much it rises and falls per bin."""
        left, centre, right = self.edges
        return left, right, self.heights / (centre - left), self.heights / (right - centre)


def mel_triangles(
    sample_rate: float,
    n_fft: int,
    *,
    n_mels: int,
    fmin: float,
    fmax: float,
    htk: bool,
    norm: Literal["slaney"] | None,
) -> Triangles:
    """Gives the filters of `mel` as triangles."""
    hertz = librosa.mel_frequencies(n_mels + 2, fmin=fmin, fmax=fmax, htk=htk)
    edges = hertz * n_fft / sample_rate
    heights = 2 / (hertz[2:] - hertz[:-2]) if norm == "slaney" else np.ones(n_mels)
    return Triangles(np.stack([edges[:-2], edges[1:-1], edges[2:]]), heights)


def mel(
    sample_rate: float,
    n_fft: int,
    *,
    n_mels: int,
    fmin: float,
    fmax: float,
    htk: bool,
    norm: Literal["slaney"] | None,
) -> np.ndarray:
    """Gives the mel filters of `librosa.filters.mel`; bands narrower than a bin may stay empty.

    Args:
        sample_rate: sample rate of the waveform, in Hz.
        n_fft: length of the Fourier transform, in samples.
        n_mels: number of filters between `fmin` and `fmax`.
        fmin: lower end of the lowest filter, in Hz.
        fmax: upper end of the highest filter, in Hz.
        htk: whether mel is HTK's formula instead of Slaney's.
        norm: "slaney" for filters of equal area, None for filters of height 1.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Empty filters")
        return librosa.filters.mel(
            sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm, dtype=np.float64
        ).T


def mel_straight_in_mel(sample_rate: float, n_fft: int, *, n_mels: int, fmin: float, fmax: float) -> np.ndarray:
    """Gives triangles of height 1 whose sides are straight over mel = 1127 ln(1 + f / 700), without the bin at 0 Hz.

    Equals `tf.signal.linear_to_mel_weight_matrix`, which YAMNet was trained with.
    """
    bins = _htk(np.linspace(0, sample_rate / 2, n_fft // 2 + 1))[:, None]
    left, centre, right = _windows(np.linspace(_htk(fmin), _htk(fmax), n_mels + 2))
    triangles = np.maximum(0, np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)))
    triangles[0] = 0
    return triangles


def mel_between_bins(sample_rate: float, n_fft: int, *, n_mels: int, fmin: float, fmax: float) -> np.ndarray:
    """Gives triangles of height 1 between whole bins that are equally spaced in mel = 2595 log10(1 + f / 700).

    Equals `python_speech_features.get_filterbanks`.
    """
    low, high = (2595 * np.log10(1 + f / 700) for f in (fmin, fmax))
    points = 700 * (10 ** (np.linspace(low, high, n_mels + 2) / 2595) - 1)
    left, centre, right = _windows(np.floor((n_fft + 1) * points / sample_rate))
    bins = np.arange(n_fft // 2 + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = np.where((left <= bins) & (bins < centre), (bins - left) / (centre - left), 0)
        falling = np.where((centre <= bins) & (bins < right), (right - bins) / (right - centre), 0)
    return rising + falling


def spaced_triangles(scale: str, sample_rate: float, *, n_fft: int, n_bins: int, fmin: float, fmax: float) -> Triangles:
    """Gives the filters of `spaced` as triangles."""
    centres = frequencies(scale, n_bins, fmin=fmin, fmax=fmax) * n_fft / sample_rate
    width = np.maximum(np.gradient(centres), 1.0)
    distance = np.abs(np.arange(n_fft // 2 + 1)[:, None] - centres)
    heights = 1 / np.maximum(0, 1 - distance / width).sum(axis=0)
    return Triangles(np.stack([centres - width, centres, centres + width]), heights)


def spaced(scale: str, sample_rate: float, *, n_fft: int, n_bins: int, fmin: float, fmax: float) -> np.ndarray:
    """Gives triangles of sum 1, at least two bins wide, around frequencies that are equally spaced on a scale."""
    triangles = spaced_triangles(scale, sample_rate, n_fft=n_fft, n_bins=n_bins, fmin=fmin, fmax=fmax)
    left, right, rising, falling = triangles.sides
    bins = np.arange(n_fft // 2 + 1)[:, None]
    return np.maximum(0, np.minimum((bins - left) * rising, (right - bins) * falling))


def frequencies(scale: str, n_bins: int, *, fmin: float, fmax: float) -> np.ndarray:
    """Gives `n_bins` frequencies in Hz from `fmin` to `fmax`, equally spaced on a scale (for mel, on Slaney's)."""
    if scale == "mel":
        return librosa.mel_frequencies(n_bins, fmin=fmin, fmax=fmax)
    return (np.linspace if scale == "linear" else np.geomspace)(fmin, fmax, n_bins)


def _htk(hertz: float | np.ndarray) -> np.ndarray:
    """Converts Hz to mel by HTK's formula."""
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)


def _windows(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gives the left end, the centre and the right end of each triangle, as rows."""
    return points[None, :-2], points[None, 1:-1], points[None, 2:]
