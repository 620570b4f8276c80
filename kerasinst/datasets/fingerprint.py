"""Audio fingerprints: which clips hold the same recording, trimmed, resampled, re-encoded or louder.

Landmarks (Wang, A. (2003). An industrial-strength audio search algorithm. ISMIR) find candidates: peaks of the
spectrogram, hashed in triples, that two clips share at one and the same offset. The normalised cross-correlation of
their waveforms at that offset decides.
"""

from collections.abc import Iterator

import numpy as np
import scipy.fft
import scipy.ndimage
import soxr

RATE = 8000
"""Fingerprints are taken at this sample rate, in Hz."""
N_FFT, HOP = 512, 128
NEIGHBOURHOOD = (5, 11)
"""Frames and bins within which a peak must be the highest."""
AROUND, DEPTH = 15, 40
"""A peak is at most so many dB below the loudest one within so many frames around it."""
FAN_OUT = 4
"""Peaks that a peak is joined with, two at a time."""
REACH = 64
"""Frames that a triple may span."""
KEPT = 256
"""Landmarks of each ten seconds: those with the smallest hashes, so that copies keep the same ones."""
CROWD = 32
"""A hash in more clips than this says nothing."""
VOTES = 3
"""Shared landmarks at one offset that make a candidate."""
SAME = 0.7
"""Correlation from which two clips hold the same recording."""
OVERLAP = 0.3
"""Share of the shorter clip that must be shared."""
LONGEST = 30 * RATE
"""Samples of the shared stretch that are compared."""
BANDS = 32

LANDMARK = np.dtype([("hash", np.uint32), ("frame", np.int32)])


def low(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """The waveform at the rate of fingerprints."""
    return waveform if sample_rate == RATE else soxr.resample(waveform, sample_rate, RATE, quality="LQ")


def take(waveform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks and background of a waveform at `RATE`."""
    spectrum = _spectrum(waveform)
    return landmarks(spectrum), background(spectrum)


def landmarks(spectrum: np.ndarray) -> np.ndarray:
    """The triples of peaks of a spectrogram `(frames, bins)`: an array of (hash, frame)."""
    decibels = 20 * np.log10(spectrum + 1e-7)
    highest = decibels == scipy.ndimage.maximum_filter(decibels, NEIGHBOURHOOD)
    # Measured against what sounds around them: a copy that starts after the attack keeps the peaks of the tail.
    around = scipy.ndimage.maximum_filter1d(decibels.max(axis=1, keepdims=True), AROUND, axis=0)
    frames, bins = np.nonzero(highest & (decibels > np.maximum(around - DEPTH, -100)))  # digital silence has none
    found = []
    for second in range(1, FAN_OUT):
        for third in range(second + 1, FAN_OUT + 1):
            first = np.arange(max(0, len(frames) - third))
            first = first[frames[first + third] - frames[first] < REACH]
            parts = (
                bins[first],
                bins[first + second] - bins[first] + N_FFT // 2,
                bins[first + third] - bins[first] + N_FFT // 2,
                frames[first + second] - frames[first],
                frames[first + third] - frames[first],
            )
            packed = np.zeros(len(first), np.uint64)
            for part in parts:
                packed = packed << np.uint64(10) | part.astype(np.uint64)
            mixed = packed * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)
            landmark = np.empty(len(first), LANDMARK)
            landmark["hash"], landmark["frame"] = mixed, frames[first]
            found.append(landmark)
    return _thin(np.concatenate(found))


def background(spectrum: np.ndarray) -> np.ndarray:
    """What instrument, room and microphone leave in a recording: mean power in `BANDS` bands, in dB, with mean 0.

    The bands are equally wide in octaves.
    """
    edges = np.unique(np.geomspace(2, N_FFT // 2, BANDS + 12).astype(int))[-BANDS - 1 :]
    bands = 10 * np.log10(np.add.reduceat(np.square(spectrum), edges, axis=1)[:, :BANDS] + 1e-10)
    return (bands - bands.mean()).mean(axis=0).astype(np.float32)


def candidates(of_clips: list[np.ndarray]) -> Iterator[tuple[int, int, int]]:
    """Pairs of clips that share landmarks: `(one, other, samples that the other starts later)`, most shared first.

    Args:
        of_clips: landmarks of each clip.
    """
    marks = np.concatenate([np.empty(0, LANDMARK), *of_clips])
    clip = np.repeat(np.arange(len(of_clips), dtype=np.int64), [len(found) for found in of_clips])
    order = np.argsort(marks["hash"], kind="stable")
    hashes, frame, clip = marks["hash"][order], marks["frame"][order].astype(np.int64), clip[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.empty(0, int)
    sizes = np.diff(np.r_[starts, len(hashes)])
    starts, sizes = starts[(sizes > 1) & (sizes <= CROWD)], sizes[(sizes > 1) & (sizes <= CROWD)]
    keys = [np.empty(0, np.int64)]
    for step in range(1, CROWD):
        wide = sizes > step
        within = sizes[wide] - step
        one = np.repeat(starts[wide] - np.cumsum(within) + within, within) + np.arange(within.sum())
        other = one + step
        apart = clip[one] != clip[other]
        one, other = one[apart], other[apart]
        swap = clip[one] > clip[other]
        one, other = np.where(swap, other, one), np.where(swap, one, other)
        offset = np.clip(frame[one] - frame[other] + 2**19, 0, 2**20 - 1)
        keys.append(clip[one] << 42 | clip[other] << 20 | offset)
    shared, votes = np.unique(np.concatenate(keys), return_counts=True)
    votes[:-1] += np.where(np.diff(shared) == 1, votes[1:], 0)  # trimming moves peaks by parts of a frame
    shared, votes = shared[votes >= VOTES], votes[votes >= VOTES]
    seen = set()
    for key in shared[np.argsort(-votes, kind="stable")].tolist():
        if key >> 20 not in seen:
            seen.add(key >> 20)
            yield key >> 42, key >> 20 & (2**22 - 1), ((key & (2**20 - 1)) - 2**19) * HOP


def is_same(one: np.ndarray, other: np.ndarray, offset: int) -> bool:
    """Whether two waveforms at `RATE` hold the same recording when the other starts `offset` samples later."""
    first, last = max(0, offset), min(len(one), len(other) + offset)
    if last - first < OVERLAP * min(len(one), len(other)):
        return False
    last = min(last, first + LONGEST)
    return _correlation(one[first:last], other[first - offset : last - offset]) >= SAME


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """The highest normalised cross-correlation of two waveforms within three frames of each other."""
    length = scipy.fft.next_fast_len(len(one) + len(other), real=True)
    product = scipy.fft.rfft(one, length) * np.conj(scipy.fft.rfft(other, length))
    correlation = scipy.fft.irfft(product, length)
    energy_one, energy_other = (np.r_[0, np.cumsum(np.square(x, dtype=np.float64))] for x in (one, other))
    lag = np.arange(-3 * HOP, 3 * HOP + 1)
    first, last = np.maximum(0, lag), np.minimum(len(one), len(other) + lag)
    lag, first, last = lag[last > first], first[last > first], last[last > first]
    energy = (energy_one[last] - energy_one[first]) * (energy_other[last - lag] - energy_other[first - lag])
    return float((correlation[lag] / np.sqrt(energy + 1e-12)).max(initial=0.0))


def _spectrum(waveform: np.ndarray) -> np.ndarray:
    padded = np.pad(waveform, (0, max(0, N_FFT - len(waveform))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    return np.abs(scipy.fft.rfft(frames * np.hanning(N_FFT).astype(np.float32), axis=1))


def _thin(found: np.ndarray) -> np.ndarray:
    """`KEPT` landmarks of each ten seconds."""
    part = found["frame"] // (10 * RATE // HOP)
    order = np.lexsort((found["hash"], part))
    rank = np.arange(len(order)) - np.searchsorted(part[order], part[order])
    return found[order[rank < KEPT]]
