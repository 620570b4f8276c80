"""Audio fingerprints, which find clips that hold the same recording, trimmed, resampled, re-encoded or louder.

Landmarks (Wang, A. (2003). An industrial-strength audio search algorithm. ISMIR) find candidates: two clips that share
peaks of the spectrogram, hashed in triples, at one and the same offset. At that offset, two tests decide: the waveforms
must be alike, and they must change alike in several bands. The second test is needed because hum, an offset or tones of
one tuning are alike in recordings that have nothing else in common, but they hardly change.
"""

from collections.abc import Iterator

import numpy as np
import scipy.fft
import scipy.ndimage
import soxr
from scipy.signal import butter, sosfilt

RATE = 8000
"""Sample rate in Hz at which fingerprints are taken."""
N_FFT, HOP = 512, 128
"""Length of a frame, and distance of frames, in samples."""
NEIGHBOURHOOD = (5, 11)
"""Number of frames and bins within which a peak must be the highest."""
AROUND, DEPTH = 15, 40
"""A peak is at most `DEPTH` dB below the loudest bin of the `AROUND` frames around it."""
FAN_OUT = 4
"""Number of following peaks with which a peak is joined, two at a time."""
REACH = 64
"""Largest number of frames that a triple of peaks may span."""
KEPT = 256
"""Number of landmarks that are kept of ten seconds: those with the smallest hashes, so that copies keep the same."""
CROWD = 32
"""Number of occurrences above which a hash is ignored, since it says nothing."""
VOTES = 3
"""Number of shared landmarks at one offset that make a candidate."""
LOWEST = 20.0
"""Cutoff frequency in Hz of the high-pass filter that removes offsets."""
SAME = 0.75
"""Correlation of two half-whitened waveforms from which on they are alike."""
CHANGING = 4
"""Number of bands, out of `BANDS_OF_CHANGE`, in which two clips must change alike."""
BANDS_OF_CHANGE = 15
"""Number of bands in which changes are compared."""
N_FFT_OF_CHANGE = 1024
"""Length in samples of the longer frames of changes, which separate the harmonics of a hum."""
COHERENT = 0.3
"""Mean cosine of the phase differences of changes from which on a band changes alike."""
CELLS = 20
"""Number of spectrogram cells that a band needs to be counted."""
FLOOR = 40.0
"""Bins softer than this many dB below the loudest one are raised no further when a waveform is half-whitened."""
FINE = 4
"""Number of steps per sample in which clips are moved over each other, as trimming moves them by parts of a sample."""
COARSE = 0.4
"""Share of `SAME` that whole steps must reach, as high frequencies lose most of their correlation half a sample off."""
OVERLAP = 0.3
"""Share of the shorter clip, and of the energy of one of the two, that must be shared."""
LONGEST = 30 * RATE
"""Largest number of samples of the shared stretch that are compared."""
BANDS = 32
"""Number of bands of a background."""
LANDMARK = np.dtype([("hash", np.uint32), ("frame", np.int32)])
"""Type of a landmark: the hash of a triple of peaks, and the frame of the first one."""

_HIGH_PASS = butter(2, LOWEST, "highpass", fs=RATE, output="sos")


def low(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Resamples a waveform of shape `(samples,)` to `RATE`, and removes what is lower than `LOWEST`."""
    resampled = waveform if sample_rate == RATE else soxr.resample(waveform, sample_rate, RATE, quality="LQ")
    if not len(resampled):
        return resampled
    return sosfilt(_HIGH_PASS, resampled - resampled.mean()).astype(np.float32)


def take(waveform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes `landmarks` and `background` of a waveform of shape `(samples,)` at `RATE`."""
    spectrum = _spectrum(waveform)
    return landmarks(spectrum), background(spectrum)


def landmarks(spectrum: np.ndarray) -> np.ndarray:
    """Hashes the triples of peaks of a spectrogram.

    Args:
        spectrum: magnitudes of shape `(frames, bins)`.

    Returns:
        Array of type `LANDMARK`, shape `(landmarks,)`.
    """
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
    """Computes the long-term spectrum, in which instrument, room and microphone leave their traces.

    Args:
        spectrum: magnitudes of shape `(frames, bins)`.

    Returns:
        Mean power in dB of `BANDS` bands that are equally wide in octaves, less their mean, shape `(BANDS,)`.
    """
    edges = np.unique(np.geomspace(2, N_FFT // 2, BANDS + 12).astype(int))[-BANDS - 1 :]
    bands = 10 * np.log10(np.add.reduceat(np.square(spectrum), edges, axis=1)[:, :BANDS] + 1e-10)
    return (bands - bands.mean()).mean(axis=0).astype(np.float32)


def candidates(of_clips: list[np.ndarray]) -> Iterator[tuple[int, int, int]]:
    """Finds pairs of clips that share landmarks.

    Args:
        of_clips: landmarks of each clip.

    Yields:
        Numbers of one and of the other clip, and how many samples the other starts later. Pairs that share most
        landmarks come first.
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


def is_same(one: np.ndarray, other: np.ndarray, *, offset: int) -> bool:
    """Tells whether two waveforms hold the same recording.

    Args:
        one: waveform as `low` gives it, shape `(samples,)`.
        other: the other waveform.
        offset: number of samples that the other starts later, as `candidates` gives it. The best offset within three
            frames of it counts.
    """
    first, last = max(0, offset), min(len(one), len(other) + offset)
    if last - first < OVERLAP * min(len(one), len(other)):
        return False
    last = min(last, first + LONGEST)
    energies = [np.square(waveform, dtype=np.float64).sum() for waveform in (one, other)]
    one, other = one[first:last], other[first - offset : last - offset]
    shared = [np.square(waveform, dtype=np.float64).sum() for waveform in (one, other)]
    if not any(part >= OVERLAP * whole > 0 for part, whole in zip(shared, energies, strict=True)):
        return False  # both pause there, and share no more than a hum
    correlation, lag = _correlation(_half_whitened(one), _half_whitened(other))
    if abs(correlation) < SAME:
        return False
    return _bands_that_change_alike(*_moved(one, np.sign(correlation) * other, lag)) >= CHANGING


def _correlation(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Finds the strongest normalised cross-correlation within three frames, and how much later the other starts.

    The correlation is negative if the polarity of one of the two is inverted.
    """
    length = scipy.fft.next_fast_len(len(one) + len(other), real=True)
    product = scipy.fft.rfft(one, length) * np.conj(scipy.fft.rfft(other, length))
    coarse = scipy.fft.irfft(product, length)
    energy_one, energy_other = (np.r_[0, np.cumsum(np.square(x, dtype=np.float64))] for x in (one, other))
    lag = np.arange(-3 * HOP, 3 * HOP + 1)
    first, last = np.maximum(0, lag), np.minimum(len(one), len(other) + lag)
    lag, first, last = lag[last > first], first[last > first], last[last > first]
    energy = (energy_one[last] - energy_one[first]) * (energy_other[last - lag] - energy_other[first - lag])
    correlation = coarse[lag] / np.sqrt(energy + 1e-12)
    best = int(np.abs(correlation).argmax())
    if abs(correlation[best]) < COARSE * SAME:
        return float(correlation[best]), float(lag[best])
    steps = (np.arange(2 * FINE + 1) - FINE) / FINE
    turns = 2j * np.pi * np.arange(len(product)) / length
    fine = [2 * np.real(np.sum(product * np.exp(turns * (lag[best] + step)))) / length for step in steps]
    step = int(np.argmax(np.abs(fine)))
    return float(fine[step] / np.sqrt(energy[best] + 1e-12)), float(lag[best] + steps[step])


def _half_whitened(waveform: np.ndarray) -> np.ndarray:
    """Halves the levels of a waveform's bins in dB, so that one loud band does not decide alone."""
    power = np.mean(np.square(_spectrum(waveform)), axis=0)
    gain = (np.maximum(power, power.max() * 10 ** (-FLOOR / 10)) + 1e-20) ** -0.25
    length = scipy.fft.next_fast_len(len(waveform), real=True)
    spectrum = scipy.fft.rfft(waveform, length)
    spectrum *= np.interp(np.linspace(0, 1, len(spectrum)), np.linspace(0, 1, len(gain)), gain)
    return scipy.fft.irfft(spectrum, length)[: len(waveform)]


def _moved(one: np.ndarray, other: np.ndarray, lag: float) -> tuple[np.ndarray, np.ndarray]:
    """Gives the stretch that two waveforms share if the other starts `lag` samples later, which may be a fraction."""
    whole = round(lag)
    length = scipy.fft.next_fast_len(len(other) + 8, real=True)
    turned = scipy.fft.rfft(other, length) * np.exp(-2j * np.pi * scipy.fft.rfftfreq(length) * (lag - whole))
    other = scipy.fft.irfft(turned, length)[: len(other)]
    first, last = max(0, whole), min(len(one), len(other) + whole)
    return one[first:last], other[first - whole : last - whole]


def _bands_that_change_alike(one: np.ndarray, other: np.ndarray) -> int:
    """Counts the bands in which the changes of two waveforms have the same phase.

    A change is what the previous frame does not predict. A steady or fading tone leaves only noise, which differs from
    recording to recording.
    """
    spectra = [_complex_spectrum(waveform, N_FFT_OF_CHANGE) for waveform in (one, other)]
    audible = np.logical_and(*(_near_the_loudest(np.abs(spectrum)) for spectrum in spectra))[1:]
    changes = [_changes(spectrum) for spectrum in spectra]
    alike = np.cos(np.angle(changes[0] * np.conj(changes[1]))) * audible
    edges = np.unique(np.geomspace(3, N_FFT // 2, BANDS_OF_CHANGE + 2).astype(int))[:-1] * (N_FFT_OF_CHANGE // N_FFT)
    cells, sums = (np.add.reduceat(each.sum(axis=0), edges) for each in (audible, alike))
    return int(np.sum((cells >= CELLS) & (sums > COHERENT * cells)))


def _changes(spectrum: np.ndarray) -> np.ndarray:
    """Computes the residual of linear prediction of order 1 in each bin, shape `(frames - 1, bins)`."""
    before, now = spectrum[:-1], spectrum[1:]
    predicted = (now * np.conj(before)).sum(axis=0) / (np.square(np.abs(before)).sum(axis=0) + 1e-12)
    return now - predicted * before


def _near_the_loudest(magnitude: np.ndarray) -> np.ndarray:
    """Marks where a spectrogram is at most `DEPTH` dB below the loudest bin of the frames around."""
    around = scipy.ndimage.maximum_filter1d(magnitude.max(axis=1, keepdims=True), 2 * AROUND + 1, axis=0)
    return magnitude > around * 10 ** (-DEPTH / 20)


def _spectrum(waveform: np.ndarray) -> np.ndarray:
    """Computes a spectrogram of magnitudes, shape `(frames, bins)`."""
    return np.abs(_complex_spectrum(waveform, N_FFT))


def _complex_spectrum(waveform: np.ndarray, n_fft: int) -> np.ndarray:
    """Computes a complex spectrogram, shape `(frames, bins)`."""
    padded = np.pad(waveform, (0, max(0, n_fft - len(waveform))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::HOP]
    return scipy.fft.rfft(frames * np.hanning(n_fft).astype(np.float32), axis=1)


def _thin(found: np.ndarray) -> np.ndarray:
    """Keeps `KEPT` landmarks of each ten seconds."""
    part = found["frame"] // (10 * RATE // HOP)
    order = np.lexsort((found["hash"], part))
    rank = np.arange(len(order)) - np.searchsorted(part[order], part[order])
    return found[order[rank < KEPT]]
