"""Audio files to waveforms, and waveforms to segments."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from kerasinst.errors import AudioError

LIBSNDFILE = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".w64", ".caf"}
FFMPEG = {".m4a", ".mp4", ".aac", ".wma", ".webm"}
SUFFIXES = LIBSNDFILE | FFMPEG
SILENCE = 1e-4
"""A file whose loudest sample is below this (-80 dB of full scale) is silent."""
SAMPLE_RATES = (1_000, 768_000)
"""In Hz; a header that says something else is damaged."""
LOUDEST = 1e6
"""Times full scale; what is louder are damaged floats, whose squares would overflow."""
LONGEST = 2**29
"""Samples that are read at most (2 GiB, three hours at 48 kHz), since a small file may unpack to any length."""
BLOCK = 2**22
"""Samples of all channels that are read at once, since a damaged header may claim any length."""


def files(folder: Path) -> list[Path]:
    """All audio files under a folder, sorted; hidden files and folders are left out."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def read(path: Path, start: float | None = None, end: float | None = None) -> tuple[np.ndarray, int]:
    """Decodes a file, or the part of it from `start` to `end` seconds, and mixes it down.

    Args:
        path: wav, flac, ogg, mp3, aiff and more through libsndfile; m4a, wma and webm through FFmpeg's libraries.
        start: in seconds from the beginning of the file.
        end: in seconds from the beginning of the file.

    Returns:
        `(waveform, sample_rate)`: float32 samples of shape `(samples,)`, the mean of all channels, full scale 1.

    Raises:
        AudioError: if the file is missing, cannot be decoded, is too long, holds no samples or senseless ones.
    """
    if not os.path.isfile(path):  # unlike Path.is_file, it takes names that no file can have
        raise AudioError(f"{path}: the file is missing")
    decode = _ffmpeg if path.suffix.lower() in FFMPEG else _libsndfile
    parts, length, sample_rate = [], 0, 0
    try:
        for block, sample_rate in decode(path, start or 0.0, math.inf if end is None else end):
            length += len(block)
            if length > LONGEST:
                raise MemoryError
            parts.append(_mix(path, block, sample_rate))
        waveform = np.concatenate([np.zeros(0, np.float32), *parts])
    except MemoryError:
        raise AudioError(f"{path}: too long to decode in memory; cut it into shorter files") from None
    if not len(waveform):
        raise AudioError(f"{path}: holds no samples")
    return waveform, sample_rate


def load(path: Path, sample_rate: int, start: float | None = None, end: float | None = None) -> np.ndarray:
    """Decodes a file as `read` does and resamples it (soxr, high quality) to `sample_rate` in Hz.

    Example:
        >>> load(Path("cello.flac"), sample_rate=22050).shape
        (66150,)
    """
    waveform, original = read(path, start, end)
    return waveform if original == sample_rate else soxr.resample(waveform, original, sample_rate)


def starts(n_samples: int, length: int, hop: int) -> np.ndarray:
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
    waveform: np.ndarray, length: int, hop: int, trim_db: float | None = None, quiet_db: float | None = None
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
    found = first + starts(end - first, length, hop)
    if quiet_db is None:
        return found
    peaks = np.array([np.abs(waveform[start : start + length]).max(initial=0) for start in found])
    return found[peaks >= peaks.max() * 10 ** (-quiet_db / 20)]


def cut(waveform: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Segments of `length` samples from the given starts: `(len(starts), length)`, filled up with zeros at the end."""
    segments = np.zeros((len(starts), length), np.float32)
    for segment, start in zip(segments, starts, strict=True):
        piece = waveform[start : start + length]
        segment[: len(piece)] = piece
    return segments


def _mix(path: Path, block: np.ndarray, sample_rate: int) -> np.ndarray:
    """The mean of the channels of `(samples, channels)`, if a recording can be like that."""
    lowest, highest = SAMPLE_RATES
    if not lowest <= sample_rate <= highest:
        raise AudioError(f"{path}: its header says {sample_rate} Hz, expected {lowest} to {highest} Hz")
    if not np.isfinite(block).all():
        raise AudioError(f"{path}: holds samples that are NaN or infinite")
    if (loudest := np.abs(block).max(initial=0)) > LOUDEST:
        raise AudioError(f"{path}: holds samples of {loudest:.0e} times full scale")
    return block.mean(axis=1, dtype=np.float32)


def _libsndfile(path: Path, start: float, end: float) -> Iterator[tuple[np.ndarray, int]]:
    try:
        # as bytes, since soundfile takes no text for a name that is not UTF-8
        with soundfile.SoundFile(path if os.name == "nt" else os.fsencode(path)) as file:
            first, last = (round(min(at * file.samplerate, file.frames)) for at in (start, end))
            file.seek(first)
            size = max(1, BLOCK // file.channels)
            while first < last:
                block = file.read(min(size, last - first), dtype="float32", always_2d=True)
                if not len(block):  # the header promised more
                    break
                yield block, file.samplerate
                first += len(block)
    except (soundfile.SoundFileError, TypeError, ValueError):
        problem = "cannot be decoded as audio" if path.stat().st_size else "cannot be decoded: the file is empty"
        raise AudioError(f"{path}: {problem}") from None


def _ffmpeg(path: Path, start: float, end: float) -> Iterator[tuple[np.ndarray, int]]:
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(f"{path}: holds no audio")
            if container.streams.audio[0].codec_context is None:  # PyAV would crash
                raise AudioError(f"{path}: cannot be decoded (unknown codec)")
            resampler = av.AudioResampler(format="fltp")
            at = 0
            for frame in (part for packed in container.decode(audio=0) for part in resampler.resample(packed)):
                samples, rate = frame.to_ndarray().T, frame.sample_rate
                first, last = (limit * rate - at for limit in (start, end))
                if last <= 0:
                    break
                first, last = (round(min(max(limit, 0), len(samples))) for limit in (first, last))
                yield samples[first:last], rate
                at += len(samples)
    except AudioError:
        raise
    except (av.FFmpegError, ValueError) as error:
        raise AudioError(f"{path}: cannot be decoded ({error})") from None
