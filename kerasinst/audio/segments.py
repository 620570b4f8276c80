"""Cuts waveforms into segments: finds where segments begin, and leaves out silence."""

import numpy as np

from kerasinst.audio.recording import Recording, peak, stretches


def starts(n_samples: int, length: int, *, hop: int) -> np.ndarray:
    """Gives the first samples of the segments that cover a waveform.

    There is one segment every `hop` samples; the last one ends where the waveform ends.

    Args:
        n_samples: length of the waveform in samples.
        length: length of a segment in samples.
        hop: distance from one segment to the next in samples.

    Returns:
        Integers of shape `(segments,)`.

    Example:
        >>> starts(n_samples=25, length=10, hop=10)
        array([ 0, 10, 15])
    """
    last = max(0, n_samples - length)
    return np.minimum(np.arange(0, last + hop, hop), last)


def sounding(waveform: np.ndarray | Recording, trim_db: float | None) -> tuple[int, int]:
    """Finds the part of a waveform between silent ends.

    Args:
        waveform: floats of shape `(samples,)`, or a recording.
        trim_db: samples more than this many dB below the peak are silent; None takes the whole waveform.

    Returns:
        Numbers of the first sample, and of the one after the last.

    Example:
        >>> sounding(np.array([0, 0, 0.5, 1, 0.001, 0]), trim_db=40)
        (2, 4)
    """
    if trim_db is None or not (loudest := peak(waveform)):
        return 0, len(waveform)
    ends = []
    for first, part in stretches(waveform):
        audible = np.flatnonzero(np.abs(part) >= part.dtype.type(loudest) * 10 ** (-trim_db / 20))
        ends += [first + int(row) for row in (*audible[:1], *audible[-1:])]
    return ends[0], ends[-1] + 1


def starts_in(
    waveform: np.ndarray | Recording,
    length: int,
    *,
    hop: int,
    trim_db: float | None = None,
    quiet_db: float | None = None,
) -> np.ndarray:
    """Gives the first samples of the segments that cover a waveform, without silent ends and quiet segments.

    Args:
        waveform: floats of shape `(samples,)`, or a recording.
        length: length of a segment in samples.
        hop: distance from one segment to the next in samples.
        trim_db: silence at both ends, more than this many dB below the peak, is not covered; None covers all.
        quiet_db: segments whose peak is more than this many dB below the waveform's are left out; None keeps all.

    Returns:
        Integers of shape `(segments,)`.

    Example:
        >>> starts_in(np.r_[np.zeros(5), np.ones(10), 0.01 * np.ones(10)], 5, hop=5, trim_db=60, quiet_db=20)
        array([ 5, 10])
    """
    first, end = sounding(waveform, trim_db)
    found = first + starts(end - first, length, hop=hop)
    if quiet_db is None:
        return found
    peaks = np.array([np.abs(waveform[start : start + length]).max(initial=0) for start in found])
    return found[peaks >= peaks.max() * 10 ** (-quiet_db / 20)]


def cut(waveform: np.ndarray | Recording, starts: np.ndarray, *, length: int) -> np.ndarray:
    """Cuts segments out of a waveform.

    Args:
        waveform: floats of shape `(samples,)`, or a recording.
        starts: first sample of each segment, shape `(segments,)`.
        length: length of a segment in samples.

    Returns:
        Float32 segments of shape `(segments, length)`, filled up with zeros behind the end of the waveform.

    Example:
        >>> cut(np.array([1.0, 2.0, 3.0]), np.array([0, 2]), length=2)
        array([[1., 2.],
               [3., 0.]], dtype=float32)
    """
    segments = np.zeros((len(starts), length), np.float32)
    for segment, start in zip(segments, starts, strict=True):
        piece = waveform[start : start + length]
        segment[: len(piece)] = piece
    return segments


def stitch(scores: np.ndarray, offsets: np.ndarray, *, total: int) -> np.ndarray:
    """Joins the frames of segments to those of a recording; where segments overlap, scores are averaged.

    Args:
        scores: scores of shape `(segments, frames, labels)`.
        offsets: number of the first frame of each segment, `(segments,)`.
        total: number of frames of the recording; those behind it are dropped.

    Returns:
        Scores of shape `(total, labels)`; frames that no segment covers are 0.

    Example:
        >>> stitch(np.ones((2, 3, 1)), np.array([0, 2]), total=4).ravel()
        array([1., 1., 1., 1.])
    """
    length = scores.shape[1]
    rows = (offsets[:, None] + np.arange(length)).ravel()
    kept = rows < total
    sums = np.zeros((total, scores.shape[2]))
    np.add.at(sums, rows[kept], scores.reshape(-1, scores.shape[2])[kept])
    counts = np.bincount(rows[kept], minlength=total)
    return sums / np.maximum(1, counts)[:, None]
