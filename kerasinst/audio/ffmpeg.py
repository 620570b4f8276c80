"""Decodes compressed audio in any container with FFmpeg's libraries, to the last packet, whatever the header says."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from kerasinst.audio.amplitude import as_floats
from kerasinst.audio.containers import Readable
from kerasinst.core.errors import AudioError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

DEMUXERS = (
    "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dff", "dsf", "dts", "dtshd",
    "eac3", "flac", "flv", "gsm", "iff", "loas", "matroska", "mov", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "ogg", "rm",
    "shn", "sox", "spdif", "tak", "truehd", "tta", "voc", "w64", "wav", "wv", "xwma",
)  # fmt: skip
"""Containers of audio that may be opened. FFmpeg's other demuxers can open further files, which a recording of unknown
origin must not do."""
PROMISES = ("flac", "matroska", "mov", "wv", "tta", "aiff", "caf", "w64", "asf")
"""Containers whose header gives their exact length; the length of others is an estimate."""
SHORT = 0.9
"""Share of the promised length below which a file counts as cut off."""
PLANES = 8
"""Number of channels from which PyAV crashes on planar frames."""


def decode(
    source: Readable, part: tuple[float, float], *, on_remark: Callable[[str], None]
) -> Iterator[tuple[np.ndarray, int]]:
    """Decodes a part of a file, block by block.

    Sample rate and number of channels may change from one block to the next. Damaged packets are left out.

    Args:
        source: open file.
        part: start and end in seconds.
        on_remark: called with a sentence for everything that is damaged or missing.

    Yields:
        Float32 samples of shape `(samples, channels)`, and their sample rate in Hz.

    Raises:
        AudioError: if there is no audio in the file, or most of it cannot be decoded.
    """
    try:
        import av
    except ModuleNotFoundError:
        raise AudioError("its format needs FFmpeg's libraries: pip install 'kerasinst[formats]'") from None

    start, end = part
    codec = ""
    try:
        options = {"format_whitelist": ",".join(DEMUXERS)}
        with av.open(source, "r", options=options, metadata_errors="replace") as container:  # tags in any encoding
            stream = _stream(container, on_remark)
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


def _stream(container: "InputContainer", on_remark: Callable[[str], None]) -> "AudioStream":
    """Chooses an audio stream of a container."""
    streams = list(container.streams.audio)
    if not streams:
        raise AudioError("it holds no audio")
    best = container.streams.best("audio")
    stream = next((each for each in streams if each == best), streams[0])
    if len(streams) > 1:
        on_remark(f"it holds {len(streams)} audio streams, and number {streams.index(stream) + 1} is read")
    if stream.codec_context is None:  # PyAV would crash
        raise AudioError("unknown codec")
    return stream


class _Packets:
    """Yields the frames of a stream's packets, and counts the packets that are damaged."""

    def __init__(self, container: "InputContainer", stream: "AudioStream"):
        self._container, self._stream = container, stream
        self.good, self.damaged = 0, 0
        self.last_error: str | None = ""

    def __iter__(self) -> Iterator["AudioFrame"]:
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
    """Gives the number of the sample at a time, capped for infinity."""
    return round(min(seconds * rate, 2**62))


def _samples(frame: "AudioFrame") -> np.ndarray:
    """Gives the float32 samples of a frame, shape `(samples, channels)`."""
    import av

    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels >= PLANES:
        frame = av.AudioResampler(format=frame.format.packed.name).resample(frame)[0]
    stored = frame.to_ndarray()  # planar: a row a channel; packed: one row, channel by channel
    rows = stored if frame.format.is_planar else stored.reshape(-1, channels).T
    return as_floats(rows).T


def _promised(container: "InputContainer", stream: "AudioStream") -> float:
    """Gives the length in seconds that the header says, or 0 if it says nothing."""
    if not set(container.format.name.split(",")) & set(PROMISES):
        return 0.0
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if len(container.streams) > 1:  # a picture may last longer than the sound
        return 0.0
    return max(0, (container.duration or 0) - max(0, container.start_time or 0)) / 1e6  # microseconds
