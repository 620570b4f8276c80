"""Audio files to waveforms, and waveforms to segments."""

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
        AudioError: if the file is missing, cannot be decoded, holds no samples, or holds NaN or infinite ones.
    """
    if not path.is_file():
        raise AudioError(f"{path}: the file is missing")
    decode = _ffmpeg if path.suffix.lower() in FFMPEG else _libsndfile
    try:
        samples, sample_rate = decode(path, start, end)
    except MemoryError:
        raise AudioError(f"{path}: too long to decode in memory; cut it into shorter files") from None
    if not len(samples):
        raise AudioError(f"{path}: holds no samples")
    waveform = samples.mean(axis=1, dtype=np.float32)
    if not np.isfinite(waveform).all():
        raise AudioError(f"{path}: holds samples that are NaN or infinite")
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


def cut(waveform: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Segments of `length` samples from the given starts: `(len(starts), length)`, filled up with zeros at the end."""
    segments = np.zeros((len(starts), length), np.float32)
    for segment, start in zip(segments, starts, strict=True):
        piece = waveform[start : start + length]
        segment[: len(piece)] = piece
    return segments


def _libsndfile(path: Path, start: float | None, end: float | None) -> tuple[np.ndarray, int]:
    try:
        with soundfile.SoundFile(path) as file:
            if file.samplerate <= 0:
                raise AudioError(f"{path}: its header says {file.samplerate} Hz")
            first = min(round((start or 0) * file.samplerate), file.frames)
            file.seek(first)
            frames = -1 if end is None else max(0, round(end * file.samplerate) - first)
            return file.read(frames, dtype="float32", always_2d=True), file.samplerate
    except (soundfile.SoundFileError, TypeError):
        problem = "cannot be decoded as audio" if path.stat().st_size else "cannot be decoded: the file is empty"
        raise AudioError(f"{path}: {problem}") from None


def _ffmpeg(path: Path, start: float | None, end: float | None) -> tuple[np.ndarray, int]:
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(f"{path}: holds no audio")
            resampler = av.AudioResampler(format="fltp")
            frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    except (av.FFmpegError, ValueError) as error:
        raise AudioError(f"{path}: cannot be decoded ({error})") from None
    if not frames:
        raise AudioError(f"{path}: holds no samples")
    sample_rate = frames[0].sample_rate
    samples = np.concatenate([frame.to_ndarray() for frame in frames], axis=1).T
    first = round((start or 0) * sample_rate)
    return samples[first : None if end is None else round(end * sample_rate)], sample_rate
