"""Waveforms to segments: where they begin, and what of a recording is heard."""

import numpy as np


def starts(n_samples: int, length: int, *, hop: int) -> np.ndarray:
    """First samples of the segments that cover a waveform: one every `hop`, the last one at the end of the waveform.

    Example:
        >>> starts(n_samples=25, length=10, hop=10)
        array([ 0, 10, 15])
    """
    last = max(0, n_samples - length)
    return np.minimum(np.arange(0, last + hop, hop), last)


def sounding(waveform: np.ndarray, trim_db: float | None) -> tuple[int, int]:
    """First sample, and the one after the last, that are at most `trim_db` below the peak; all if it is None.

    Example:
        >>> sounding(np.array([0, 0, 0.5, 1, 0.001, 0]), trim_db=40)
        (2, 4)
    """
    loudness = np.abs(waveform)
    if trim_db is None or not len(waveform) or not loudness.max():
        return 0, len(waveform)
    heard = np.flatnonzero(loudness >= loudness.max() * 10 ** (-trim_db / 20))
    return int(heard[0]), int(heard[-1]) + 1


def starts_in(
    waveform: np.ndarray, length: int, *, hop: int, trim_db: float | None = None, quiet_db: float | None = None
) -> np.ndarray:
    """First samples of the segments that cover what sounds in a waveform, without the quiet ones.

    Args:
        waveform: `(samples,)`.
        length: of a segment, in samples.
        hop: from one segment to the next, in samples.
        trim_db: silence at both ends, so far below the peak, is not covered.
        quiet_db: segments whose peak is so far below the waveform's are left out.

    Example:
        >>> starts_in(np.r_[np.zeros(5), np.ones(10), 0.01 * np.ones(10)], 5, 5, trim_db=60, quiet_db=20)
        array([ 5, 10])
    """
    first, end = sounding(waveform, trim_db)
    found = first + starts(end - first, length, hop=hop)
    if quiet_db is None:
        return found
    peaks = np.array([np.abs(waveform[start : start + length]).max(initial=0) for start in found])
    return found[peaks >= peaks.max() * 10 ** (-quiet_db / 20)]


def cut(waveform: np.ndarray, starts: np.ndarray, *, length: int) -> np.ndarray:
    """Segments of `length` samples from the given starts: `(len(starts), length)`, filled up with zeros at the end."""
    segments = np.zeros((len(starts), length), np.float32)
    for segment, start in zip(segments, starts, strict=True):
        piece = waveform[start : start + length]
        segment[: len(piece)] = piece
    return segments
