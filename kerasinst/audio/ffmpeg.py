"""Compressed audio, and all containers, through FFmpeg's libraries, to the last packet whatever the header says."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from kerasinst.audio.amplitude import as_floats
from kerasinst.core.errors import AudioError

DEMUXERS = (
    "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dff", "dsf", "dts", "dtshd",
    "eac3", "flac", "flv", "gsm", "iff", "loas", "matroska", "mov", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "ogg", "rm",
    "shn", "sox", "spdif", "tak", "truehd", "tta", "voc", "w64", "wav", "wv", "xwma",
)  # fmt: skip
"""Containers of audio; FFmpeg's other demuxers can open further files, which a recording of unknown origin must not."""
PROMISES = ("flac", "matroska", "mov", "wv", "tta", "aiff", "caf", "w64", "asf")
"""Containers whose header says how long they are; the length of others is an estimate."""
SHORT = 0.9
"""Share of the promised length below which a file counts as cut off."""
PLANES = 8
"""PyAV crashes on planar frames of this many channels or more."""


def decode(
    source: BinaryIO, start: float, end: float, *, on_remark: Callable[[str], None]
) -> Iterator[tuple[np.ndarray, int]]:
    """Blocks of float32 samples `(samples, channels)` from `start` to `end` seconds, each with its sample rate.

    Sample rate and number of channels may change from one block to the next. Packets that are damaged are left out.

    Args:
        source: a file that can be read and sought.
        start: in seconds.
        end: in seconds.
        on_remark: is told what is damaged or missing.

    Raises:
        AudioError: if there is no audio in the file, or most of it cannot be decoded.
    """
    try:
        import av
    except ModuleNotFoundError:
        raise AudioError("its format needs FFmpeg's libraries: pip install 'kerasinst[ffmpeg]'") from None

    codec = ""
    try:
        # tags may be in any encoding
        with av.open(source, options={"format_whitelist": ",".join(DEMUXERS)}, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise AudioError("it holds no audio")
            stream = container.streams.best("audio") or container.streams.audio[0]
            if len(container.streams.audio) > 1:
                number = list(container.streams.audio).index(stream) + 1
                on_remark(f"it holds {len(container.streams.audio)} audio streams, and number {number} is read")
            if stream.codec_context is None:  # PyAV would crash
                raise AudioError("unknown codec")
            codec = f"codec {stream.codec_context.name}: "
            packets = _Packets(container, stream)
            seconds, rate, at, begun = 0.0, 0, 0, 0.0
            for frame in packets:
                if frame.sample_rate != rate:
                    rate, at, begun = frame.sample_rate, 0, seconds
                first, last = (_sample(limit - begun, rate) - at for limit in (start, end))
                if last <= 0:
                    break
                if first < frame.samples:
                    yield _samples(frame)[max(0, first) : last], rate
                at += frame.samples
                seconds = begun + at / rate
            else:
                if seconds < SHORT * (promised := _promised(container, stream)):
                    on_remark(f"it is cut off: its header promises {promised:.1f} s, and {seconds:.1f} s are there")
            if packets.damaged > packets.good:
                raise AudioError(f"{codec}its packets are damaged ({packets.last_error})")
            if packets.damaged:
                on_remark(f"{packets.damaged} of {packets.damaged + packets.good} packets are damaged and left out")
    except AudioError:
        raise
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise AudioError(f"{codec}{getattr(error, 'strerror', None) or error}") from None


class _Packets:
    """Frames of the packets of a stream, and how many packets were damaged."""

    def __init__(self, container, stream):
        self._container, self._stream = container, stream
        self.good, self.damaged = 0, 0
        self.last_error = ""

    def __iter__(self):
        import av

        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:
                self.damaged += 1  # and what is behind it cannot be found
                return
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                self.damaged += 1
                self.last_error = error.strerror
                continue
            self.good += 1
            yield from frames


def _sample(seconds: float, rate: int) -> int:
    """The sample at a time, capped, so that infinity has one, too."""
    return round(min(seconds * rate, 2**62))


def _samples(frame) -> np.ndarray:
    """Float32 samples of a frame, `(samples, channels)`."""
    import av

    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels >= PLANES:
        frame = av.AudioResampler(format=frame.format.packed.name).resample(frame)[0]
    stored = frame.to_ndarray()  # planar: a row a channel; packed: one row, channel by channel
    rows = stored if frame.format.is_planar else stored.reshape(-1, channels).T
    return as_floats(rows).T


def _promised(container, stream) -> float:
    """Seconds that the header says, or 0 if it says nothing."""
    if not set(container.format.name.split(",")) & set(PROMISES):
        return 0.0
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if len(container.streams) > 1:  # a picture may last longer than the sound
        return 0.0
    return max(0, (container.duration or 0) - max(0, container.start_time or 0)) / 1e6  # microseconds
