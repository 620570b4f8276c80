"""Audio files to waveforms: decoded by their content, to their real end, mixed down and resampled."""

import itertools
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soxr

from kerasinst.audio import ffmpeg, libsndfile, limits
from kerasinst.audio.amplitude import integer_scale, is_too_loud
from kerasinst.audio.channels import Mixer
from kerasinst.audio.containers import Link, links
from kerasinst.core.errors import AudioError

PLAIN = ("wav", "aiff", "au", "w64", "caf")
"""Kinds of files that hold plain samples as a rule."""
MISSING = 0.01
"""Share of the promised audio that may be missing without a remark."""

Block = tuple[np.ndarray, int]


def read(
    path: str | Path,
    start: float | None = None,
    *,
    end: float | None = None,
    on_remark: Callable[[str], None] = lambda text: None,
) -> tuple[np.ndarray, int]:
    """Decodes a file, or the part of it from `start` to `end` seconds, and mixes it down.

    What the file holds decides how it is decoded, not its name, and it is read to its real end, whatever its header
    says. libsndfile reads plain samples (wav, aiff, au, w64, caf) and Ogg, and FFmpeg's libraries all else (flac, mp3,
    m4a, wma, webm and so on); where one cannot, the other is tried.

    Args:
        path: of the file.
        start: in seconds from the beginning of the file.
        end: in seconds from the beginning of the file.
        on_remark: is told what is odd about a file that can be used all the same: damaged packets, an end that is
            missing, channels that cancel each other out, a wrong scale.

    Returns:
        `(waveform, sample_rate)`: float32 samples of shape `(samples,)`, full scale 1, the mean of all channels. Where
        the mean is far softer than the channels (opposite phases, or most of them silent), it is of those that sound.
        Where the sample rate changes within the file, all is resampled to the first one.

    Raises:
        AudioError: if the file is missing, cannot be decoded, is too long, holds no samples or senseless ones.
    """
    if not os.path.isfile(path):  # unlike Path.is_file, it takes names that no file can have
        raise AudioError(f"{path}: {'not a regular file' if os.path.exists(path) else 'the file is missing'}")
    try:
        waveform, sample_rate = _mixed_down(path, start or 0.0, np.inf if end is None else end, on_remark)
        if scale := integer_scale(waveform):
            on_remark(f"its floats hold {int(np.log2(scale)) + 1}-bit integers; they are divided by {scale:.0f}")
            waveform = waveform / np.float32(scale)
        if is_too_loud(waveform):
            raise AudioError(f"holds samples of {np.abs(waveform).max():.0e} times full scale")
    except MemoryError:
        raise AudioError(f"{path}: too long to decode in memory; cut it into shorter files") from None
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from None
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror or error})") from None
    return waveform, sample_rate


def load(
    path: str | Path,
    sample_rate: int,
    *,
    start: float | None = None,
    end: float | None = None,
    on_remark: Callable[[str], None] = lambda text: None,
) -> np.ndarray:
    """Decodes a file as `read` does and resamples it (soxr, high quality) to `sample_rate` in Hz.

    Example:
        >>> load(Path("cello.flac"), sample_rate=22050).shape
        (66150,)
    """
    waveform, original = read(path, start, end=end, on_remark=on_remark)
    return waveform if original == sample_rate else soxr.resample(waveform, original, sample_rate)


def _mixed_down(path: str | Path, start: float, end: float, on_remark: Callable[[str], None]) -> tuple[np.ndarray, int]:
    """The mix of the channels that carry the energy. Only a mix is kept in memory, so another one is decoded anew."""
    chosen: dict[int, list[int]] = {}
    remarks: list[str] = []
    while True:
        remarks.clear()
        mixer = Mixer(chosen)
        waveform = None  # frees the one before
        waveform, sample_rate = _joined(path, start, end, mixer, remarks.append)
        if not (better := mixer.better()):
            break
        chosen |= better
    for n_channels, channels in chosen.items():
        numbers = " and ".join(str(channel + 1) for channel in channels)
        taken = f"channel {numbers} is" if len(channels) == 1 else f"channels {numbers} are"
        remarks.append(f"the mean of its {n_channels} channels is far softer than they are; only {taken} used")
    for remark in remarks:
        on_remark(remark)
    return waveform, sample_rate


def _joined(
    path: str | Path, start: float, end: float, mixer: Mixer, on_remark: Callable[[str], None]
) -> tuple[np.ndarray, int]:
    """All links of a file, mixed down, at the sample rate of the first block."""
    with open(path, "rb") as file:
        found = links(file)
        part = (start, end) if len(found) == 1 else (0.0, np.inf)
        sound = _checked(_blocks(path, file, found, part, on_remark))
        stretches = []
        for rate, blocks in itertools.groupby(sound, key=lambda each: each[1]):
            stretches.append((np.concatenate([mixer.mix(block) for block, _ in blocks]), rate))
    nothing = f"holds no samples from {start:g} s on" if start else "holds no samples"
    if not stretches:
        raise AudioError(nothing)
    sample_rate = stretches[0][1]
    waveform = stretches[0][0]
    if len(stretches) > 1:
        waveform = np.concatenate(
            [each if rate == sample_rate else soxr.resample(each, rate, sample_rate) for each, rate in stretches]
        )
    if len(found) > 1:
        first, last = (round(min(at * sample_rate, len(waveform))) for at in (start, end))
        waveform = waveform[first:last]
    if not len(waveform):
        raise AudioError(nothing)
    return waveform, sample_rate


def _checked(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks; refuses what no recording can hold."""
    lowest, highest = limits.SAMPLE_RATES
    length = 0
    for block, rate in blocks:
        if not lowest <= rate <= highest:
            raise AudioError(f"its header says {rate} Hz, expected {lowest} to {highest} Hz")
        if not np.isfinite(block).all():
            raise AudioError("holds samples that are NaN or infinite")
        if (loudest := np.abs(block).max(initial=0)) > limits.LOUDEST:
            raise AudioError(f"holds samples of {loudest:.0e} times full scale")
        length += len(block)
        if length > limits.LONGEST:
            raise MemoryError
        yield block, rate


def _blocks(
    path: str | Path, file: BinaryIO, found: list[Link], part: tuple[float, float], on_remark: Callable[[str], None]
) -> Iterator[Block]:
    """Blocks of one link after the other; what stands behind the first one may be no audio."""
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
    path: str | Path, file: BinaryIO, link: Link, part: tuple[float, float], on_remark: Callable[[str], None]
) -> Iterator[Block]:
    """Blocks of the first decoder that finds audio."""
    inside = _Part(file, link)
    whole = link.start == 0 and link.end == file.seek(0, os.SEEK_END)

    def with_ffmpeg() -> Iterator[Block]:
        return ffmpeg.decode(inside.rewound(), *part, on_remark=on_remark)

    def with_libsndfile(**how: bool) -> Iterator[Block]:
        if not whole or link.corrections:
            return libsndfile.decode(inside.rewound(), *part, **how)
        # as bytes, since soundfile takes no text for a name that is not UTF-8
        return libsndfile.decode(path if os.name == "nt" else os.fsencode(path), *part, **how)

    attempts: list[Callable[[], Iterator[Block]]] = [with_ffmpeg, with_libsndfile]
    if link.kind in PLAIN:
        attempts.insert(0, partial(with_libsndfile, plain=True))
    elif link.kind == "flac" and part[0] > 0:  # it finds the place without decoding all before it
        attempts.insert(0, partial(with_libsndfile, within=True))
    elif link.kind == "ogg":  # FFmpeg plays the padding of the last packet of Vorbis
        attempts.reverse()
    if link.is_empty:
        return
    if link.missing > MISSING:
        on_remark(f"it is cut off: {link.missing:.0%} of the audio that its header promises is missing")
    if link.stray:
        on_remark(f"{link.stray} unknown bytes behind its audio are not read")
    if link.size_is_wrong:
        on_remark("its header gives a wrong length; it is read to its end")
    failed, problem = 0, ""
    for attempt in attempts:
        blocks = attempt()
        try:
            first = next(blocks, None)
        except AudioError as error:
            failed += 1
            problem = str(error) if attempt is with_ffmpeg or not problem else problem  # it says more
            continue
        if first is not None:
            yield first
            yield from blocks
            return
    if failed == len(attempts):
        raise AudioError(f"cannot be decoded ({problem if link.end > link.start else 'the file is empty'})")


class _Part:
    """A link as a nameless file, with its corrections, so that decoders judge by content."""

    def __init__(self, file: BinaryIO, link: Link):
        self._file, self._link, self._at = file, link, 0

    def rewound(self) -> "_Part":
        """The same, at its start."""
        self._at = 0
        return self

    def read(self, count: int = -1) -> bytes:
        """Up to so many bytes; all that are left if negative."""
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
        """Moves to a place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._link.end - self._link.start}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at
