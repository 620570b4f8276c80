"""Decodes audio files by their content, to their real end, mixes them down and resamples them."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import soxr

from kerasinst.audio import ffmpeg, libsndfile, limits
from kerasinst.audio.amplitude import LARGEST_FLOAT, Loudness, integer_scale, is_too_loud
from kerasinst.audio.channels import Mixer
from kerasinst.audio.containers import Link, links
from kerasinst.audio.recording import Recording
from kerasinst.core.errors import AudioError

PLAIN = ("wav", "aiff", "au", "w64", "caf")
"""Kinds of files that usually hold plain samples."""
MISSING = 0.01
"""Share of the promised audio that may be missing without a remark."""

Block = tuple[np.ndarray, int]
"""Float32 samples of shape `(samples, channels)`, and their sample rate in Hz."""
Part = tuple[float, float]
"""Start and end in seconds."""
Mixed = Iterator[tuple[np.ndarray, int]]
"""Blocks of float32 samples of shape `(samples,)`, each with its sample rate in Hz."""

Collected = TypeVar("Collected")


def read(
    path: str | Path,
    start: float | None = None,
    *,
    end: float | None = None,
    on_remark: Callable[[str], None] = lambda text: None,
) -> tuple[np.ndarray, int]:
    """Decodes a file, or the part of it from `start` to `end` seconds, and mixes it down.

    The content of the file decides how it is decoded, not its name, and it is read to its real end, whatever its header
    says. libsndfile reads plain samples (wav, aiff, au, w64, caf) and Ogg, and FFmpeg's libraries read all other
    formats (flac, mp3, m4a, wma, webm and so on). If one of the two fails, the other one is tried.

    Args:
        path: audio file.
        start: start of the part in seconds; None is the beginning of the file.
        end: end of the part in seconds from the beginning of the file; None is the end of the file.
        on_remark: called with a sentence for everything that is odd about a usable file, such as damaged packets, a
            missing end, channels that cancel each other out, or a wrong scale.

    Returns:
        `(waveform, sample_rate)`: float32 samples of shape `(samples,)` with full scale 1, and their sample rate in Hz.
        The waveform is the mean of all channels; if that is far softer than the channels (opposite phases, or most of
        them silent), it is the mean of those that sound. If the sample rate changes within the file, everything is
        resampled to the first one.

    Raises:
        AudioError: if the file is missing, cannot be decoded, is too long, or holds no samples or senseless ones.

    Example:
        >>> waveform, sample_rate = read("cello.flac", 1.0, end=2.0)
        >>> waveform.shape, sample_rate
        ((44100,), 44100)
    """
    with _errors_of(path):
        part = (start or 0.0, np.inf if end is None else end)
        waveform, sample_rate = _mixed_down(path, part, on_remark, partial(_joined, part=part))
        if scale := integer_scale(waveform):
            on_remark(_remark_on_integers(scale))
            waveform = waveform / np.float32(scale)
        if is_too_loud(waveform):
            raise AudioError(f"holds samples of {np.abs(waveform).max():.0e} times full scale")
    return waveform, sample_rate


def load(
    path: str | Path,
    sample_rate: int,
    *,
    start: float | None = None,
    end: float | None = None,
    on_remark: Callable[[str], None] = lambda text: None,
) -> np.ndarray:
    """Decodes a file as `read` does, and resamples it (soxr, high quality).

    Args:
        path: audio file.
        sample_rate: sample rate of the waveform in Hz.
        start: start of the part in seconds; None is the beginning of the file.
        end: end of the part in seconds from the beginning of the file; None is the end of the file.
        on_remark: called with a sentence for everything that is odd about a usable file.

    Returns:
        Float32 samples of shape `(samples,)`.

    Raises:
        AudioError: as `read` does.

    Example:
        >>> load(Path("cello.flac"), sample_rate=22050).shape
        (66150,)
    """
    waveform, original = read(path, start, end=end, on_remark=on_remark)
    return waveform if original == sample_rate else soxr.resample(waveform, original, sample_rate)


def record(path: str | Path, sample_rate: int, *, on_remark: Callable[[str], None] = lambda text: None) -> Recording:
    """Decodes a file as `load` does, whatever its length, with few of its samples in memory at once.

    Args:
        path: audio file.
        sample_rate: sample rate of the recording in Hz.
        on_remark: called with a sentence for everything that is odd about a usable file.

    Raises:
        AudioError: as `read` does, for files of more than a day, or if the disk is full.

    Example:
        >>> len(record(Path("cello.flac"), sample_rate=22050))
        66150
    """
    with _errors_of(path):
        whole = (0.0, np.inf)
        recording, loudness = _mixed_down(path, whole, on_remark, partial(_recorded, sample_rate=sample_rate))
        if scale := loudness.integer_scale():
            on_remark(_remark_on_integers(scale))
            recording.scale = scale
        if loudness.peak > LARGEST_FLOAT * recording.scale:
            raise AudioError(f"holds samples of {loudness.peak / recording.scale:.0e} times full scale")
    return recording


@contextmanager
def _errors_of(path: str | Path) -> Iterator[None]:
    """Raises AudioError with the path in it for whatever is wrong with a file."""
    if not os.path.isfile(path):  # unlike Path.is_file, it takes names that no file can have
        raise AudioError(f"{path}: {'not a regular file' if os.path.exists(path) else 'the file is missing'}")
    try:
        yield
    except MemoryError:
        raise AudioError(f"{path}: too long to decode; cut it into shorter files") from None
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from None
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror or error})") from None


def _remark_on_integers(scale: float) -> str:
    """Says that floats are integers."""
    return f"its floats hold {int(np.log2(scale)) + 1}-bit integers; they are divided by {scale:.0f}"


def _mixed_down(
    path: str | Path, part: Part, on_remark: Callable[[str], None], collect: Callable[[Mixed, int], Collected]
) -> Collected:
    """Mixes the channels that carry the energy; only a mix is kept, so another one is decoded anew."""
    chosen: dict[int, list[int]] = {}
    remarks: list[str] = []
    while True:
        remarks.clear()
        mixer = Mixer(chosen)
        with open(path, "rb") as file:
            found = links(file)
            asked: Part = part if len(found) == 1 else (0.0, np.inf)
            blocks = _checked(_blocks(path, file, found, asked, remarks.append))
            collected = collect(((mixer.mix(block), rate) for block, rate in blocks), len(found))
        if not (better := mixer.better()):
            break
        del collected  # frees its memory before the next one is decoded
        chosen |= better
    for n_channels, channels in chosen.items():
        numbers = " and ".join(str(channel + 1) for channel in channels)
        taken = f"channel {numbers} is" if len(channels) == 1 else f"channels {numbers} are"
        remarks.append(f"the mean of its {n_channels} channels is far softer than they are; only {taken} used")
    for remark in remarks:
        on_remark(remark)
    return collected


def _joined(blocks: Mixed, n_links: int, *, part: Part) -> tuple[np.ndarray, int]:
    """Joins the blocks of a part, at the sample rate of the first one."""
    stretches, length = [], 0
    for rate, of_rate in itertools.groupby(blocks, key=lambda each: each[1]):
        found = []
        for block, _ in of_rate:
            length += len(block)
            if length > limits.LONGEST:
                raise MemoryError
            found.append(block)
        stretches.append((np.concatenate(found), rate))
    start, end = part
    nothing = f"holds no samples from {start:g} s on" if start else "holds no samples"
    if not stretches:
        raise AudioError(nothing)
    sample_rate = stretches[0][1]
    waveform = stretches[0][0]
    if len(stretches) > 1:
        waveform = np.concatenate(
            [each if rate == sample_rate else soxr.resample(each, rate, sample_rate) for each, rate in stretches]
        )
    if n_links > 1:
        first, last = (round(min(at * sample_rate, len(waveform))) for at in (start, end))
        waveform = waveform[first:last]
    if not len(waveform):
        raise AudioError(nothing)
    return waveform, sample_rate


def _recorded(blocks: Mixed, n_links: int, *, sample_rate: int) -> tuple[Recording, Loudness]:
    """Resamples blocks and writes them into a recording, and measures how loud they are."""
    recording, loudness = Recording(), Loudness()
    for rate, of_rate in itertools.groupby(blocks, key=lambda each: each[1]):
        resampler = None if rate == sample_rate else soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
        for block, _ in of_rate:
            loudness.add(block)
            recording.append(block if resampler is None else resampler.resample_chunk(np.ascontiguousarray(block)))
            if len(recording) > limits.LONGEST_SECONDS * sample_rate:
                raise MemoryError
        if resampler:
            recording.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    if not len(recording):
        raise AudioError("holds no samples")
    return recording, loudness


def _checked(blocks: Iterator[Block]) -> Iterator[Block]:
    """Passes blocks on, and refuses what no recording can hold."""
    lowest, highest = limits.SAMPLE_RATES
    for block, rate in blocks:
        if not lowest <= rate <= highest:
            raise AudioError(f"its header says {rate} Hz, expected {lowest} to {highest} Hz")
        if not np.isfinite(block).all():
            raise AudioError("holds samples that are NaN or infinite")
        if (loudest := np.abs(block).max(initial=0)) > limits.LOUDEST:
            raise AudioError(f"holds samples of {loudest:.0e} times full scale")
        yield block, rate


def _blocks(
    path: str | Path, file: BinaryIO, found: list[Link], part: Part, on_remark: Callable[[str], None]
) -> Iterator[Block]:
    """Yields the blocks of one link after the other; what stands behind the first one may be no audio."""
    failed = []
    for number, link in enumerate(found, 1):
        try:
            yield from _link(path, file, link, part, on_remark)
        except AudioError as error:
            if number == 1:
                raise
            failed.append(f"number {number} {error}")
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        on_remark(f"{len(found)} files are joined end to end, and {failed[0]}{more}")


def _link(
    path: str | Path, file: BinaryIO, link: Link, part: Part, on_remark: Callable[[str], None]
) -> Iterator[Block]:
    """Yields the blocks of the first decoder that finds audio in a link."""
    if link.is_empty:
        return
    _remark_on(link, on_remark)
    failed, problem = 0, ""
    attempts = _attempts(path, file, link, part, on_remark)
    for is_ffmpeg, attempt in attempts:
        blocks = attempt()
        try:
            first = next(blocks, None)
        except AudioError as error:
            failed += 1
            problem = str(error) if is_ffmpeg or not problem else problem  # FFmpeg's message says more
            continue
        if first is not None:
            yield first
            yield from blocks
            return
    if failed == len(attempts):
        raise AudioError(f"cannot be decoded ({problem if link.end > link.start else 'the file is empty'})")


def _attempts(
    path: str | Path, file: BinaryIO, link: Link, part: Part, on_remark: Callable[[str], None]
) -> list[tuple[bool, Callable[[], Iterator[Block]]]]:
    """Lists the decoders to try on a link, the best first, each with whether it is FFmpeg."""
    inside = _FileInFile(file, link)
    whole = link.start == 0 and link.end == file.seek(0, os.SEEK_END)

    def with_ffmpeg() -> Iterator[Block]:
        return ffmpeg.decode(inside.rewound(), part, on_remark=on_remark)

    def with_libsndfile(*, plain: bool = False, within: bool = False) -> Iterator[Block]:
        if not whole or link.corrections:
            return libsndfile.decode(inside.rewound(), part, plain=plain, within=within)
        # as bytes, since soundfile takes no text for a name that is not UTF-8
        name = str(path) if os.name == "nt" else os.fsencode(path)
        return libsndfile.decode(name, part, plain=plain, within=within)

    attempts: list[tuple[bool, Callable[[], Iterator[Block]]]] = [(True, with_ffmpeg), (False, with_libsndfile)]
    if link.kind in PLAIN:
        attempts.insert(0, (False, partial(with_libsndfile, plain=True)))
    elif link.kind == "flac" and part[0] > 0:  # it finds the place without decoding all before it
        attempts.insert(0, (False, partial(with_libsndfile, within=True)))
    elif link.kind == "ogg":  # FFmpeg plays the padding of the last packet of Vorbis
        attempts.reverse()
    return attempts


def _remark_on(link: Link, on_remark: Callable[[str], None]) -> None:
    """Tells what is odd about the length of a link."""
    if link.missing > MISSING:
        on_remark(f"it is cut off: {link.missing:.0%} of the audio that its header promises is missing")
    if link.stray:
        on_remark(f"{link.stray} unknown bytes behind its audio are not read")
    if link.size_is_wrong:
        on_remark("its header gives a wrong length; it is read to its end")


class _FileInFile:
    """Shows a link, with its corrections, as a file without a name, so that decoders judge it by its content."""

    def __init__(self, file: BinaryIO, link: Link):
        self._file, self._link, self._at = file, link, 0

    def rewound(self) -> "_FileInFile":
        """Moves to the start, and gives the file itself."""
        self._at = 0
        return self

    def read(self, count: int = -1) -> bytes:
        """Reads up to `count` bytes, or all that are left if it is negative."""
        left = max(0, self._link.end - self._link.start - self._at)
        self._file.seek(self._link.start + self._at)
        content = self._file.read(left if count < 0 else min(count, left))
        for place, right in self._link.corrections:
            first, last = max(place, self._at), min(place + len(right), self._at + len(content))
            if first < last:
                inside = right[first - place : last - place]
                content = content[: first - self._at] + inside + content[last - self._at :]
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves to a position, as files do."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._link.end - self._link.start}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Gives the position."""
        return self._at
