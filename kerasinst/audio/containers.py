"""Tells a file's kind from its content, finds files joined end to end, and corrects headers that give a wrong length.

A header may say how long the audio is, and be wrong: a recorder that is killed leaves 0, or what it had written before.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

BLOCK = 2**20
"""Number of bytes that are searched at once."""
UNKNOWN = 0x7FFFF000
"""Smallest size in a header that means "not known yet", such as 0xFFFFFFFF."""
MOST_CHUNKS = 1000
"""Largest number of joined files, and of chunks in one of them, that are looked for."""
MOST_DATA = 16
"""Largest number of audio chunks that are read from one file."""
STRAY_BYTES, STRAY_SHARE = 2**12, 0.01
"""Uncounted bytes behind the audio are ignored up to this number, or up to this share of the audio."""
WAV = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<", b"BW64": "<"}
"""First bytes of wav files, and the byte order of their numbers."""
W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
"""First bytes of a Sony Wave64 file."""
W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
"""Name of the chunk with the audio in a Sony Wave64 file."""
BEGINNINGS = {
    "aiff": re.compile(rb"FORM....AIF[FC](?:FVER|COMM)", re.DOTALL),
    "au": re.compile(rb"\.snd\x00\x00.{6}\x00\x00\x00[\x01-\x1b]", re.DOTALL),
    "caf": re.compile(rb"caff\x00\x01\x00\x00desc"),
    "flac": re.compile(rb"fLaC[\x00\x80]\x00\x00\x22"),
    "ogg": re.compile(rb"OggS\x00[\x02\x03]\x00{8}"),
    "tta": re.compile(rb"TTA1[\x01-\x03]\x00"),
    "w64": re.compile(re.escape(W64)),
}
"""Pattern with which a joined file of each kind begins."""
TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICS")
"""First bytes of what taggers write behind the chunks of a file."""

Correction = tuple[int, bytes]
"""A position in a link, and the bytes to read there instead of the file's."""


class Readable(Protocol):
    """What decoders need of an open binary file."""

    def read(self, count: int = -1, /) -> bytes:
        """Reads up to `count` bytes, or all that are left if it is negative."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Moves to a position."""
        ...

    def tell(self) -> int:
        """Gives the position."""
        ...


@dataclass(frozen=True)
class Link:
    """One of the files that are joined end to end in a file; most files hold one.

    Attributes:
        kind: "wav", "aiff", "au", "w64", "caf", "flac", "ogg", "tta", "mp4" or "other".
        start: position of the first byte.
        end: position after the last byte.
        is_empty: whether the header says that there is no audio, and nothing contradicts it.
        missing: share of the audio promised by the header that is not there, from 0 to 1.
        tail: number of bytes of further chunks behind the audio.
        stray: number of unknown bytes behind the audio.
        size_is_wrong: whether the length in the header is too small.
        corrections: pairs of a position, counted from `start`, and the bytes to read there instead of the file's.
    """

    kind: str
    start: int
    end: int
    is_empty: bool = False
    missing: float = 0.0
    tail: int = 0
    stray: int = 0
    size_is_wrong: bool = False
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Chunks:
    """Describes how a kind of file names and measures its chunks.

    Attributes:
        name_bytes: number of bytes of a chunk's name.
        size_format: format of a chunk's size, for `struct`.
        first: position of the first chunk in the file.
        align: number of bytes at multiples of which chunks begin.
        data: name of the chunk with the audio.
        counts_header: whether the size of a chunk includes its own header.
    """

    name_bytes: int
    size_format: str
    first: int
    align: int
    data: bytes
    counts_header: bool = False

    @property
    def header(self) -> int:
        """Number of bytes before the content of a chunk."""
        return self.name_bytes + struct.calcsize(self.size_format)

    def walk(self, file: BinaryIO, start: int, *, end: int) -> Iterator[tuple[int, bytes, int]]:
        """Yields position, name and number of content bytes of each chunk, as the file gives them.

        Args:
            file: open file.
            start: position at which the file of this kind begins.
            end: position after its last byte.
        """
        at = start + self.first
        for _ in range(MOST_CHUNKS):
            if at + self.header > end:
                return
            head = _at(file, at, self.header)
            size = struct.unpack(self.size_format, head[self.name_bytes :])[0] - self.counts_header * self.header
            yield at, head[: self.name_bytes], size
            at += self.header + max(0, size)
            at += -(at - start) % self.align


CHUNKS = {
    "<wav": Chunks(4, "<I", 12, 2, b"data"),
    ">wav": Chunks(4, ">I", 12, 2, b"data"),
    "aiff": Chunks(4, ">I", 12, 2, b"SSND"),
    "caf": Chunks(4, ">q", 8, 1, b"data"),
    "w64": Chunks(16, "<Q", 40, 8, W64_DATA, counts_header=True),
}


def links(file: BinaryIO) -> list[Link]:
    """Finds the files that are joined end to end in a file, by its content.

    Args:
        file: open file; its position changes.

    Returns:
        One link for each joined file, in order. A wav file with several audio chunks has one link for each of them.

    Example:
        >>> with open("cello.wav", "rb") as file:
        ...     links(file)
        [Link(kind='wav', start=0, end=220544, is_empty=False, missing=0.0, tail=0, ...)]
    """
    start = _after_id3(file)
    kind = kind_of(_at(file, start, 16))
    size = _before_tags(file, start, kind)
    if kind == "mp4":
        starts = [at for at, name in _boxes(file, size) if name == b"ftyp"]
    elif kind == "wav":
        starts = list(_joined_wav(file, start, size))
    elif kind in BEGINNINGS:
        starts = list(_found(file, size, kind))
    else:
        starts = []
    first = start if kind == "wav" else 0  # FFmpeg passes over a tag before other kinds by itself
    starts = [first, *(at for at in starts if at > start)][:MOST_CHUNKS]
    found = [_measured(file, kind, first, end) for first, end in zip(starts, [*starts[1:], size], strict=True)]
    return [part for link in found for part in _with_each_data(file, link)]


def kind_of(head: bytes) -> str:
    """Names the kind of a file by its first 16 bytes; see `Link.kind`."""
    if head[:4] in WAV and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head == W64:
        return "w64"
    known = {b".snd": "au", b"dns.": "au", b"caff": "caf", b"fLaC": "flac", b"OggS": "ogg", b"TTA1": "tta"}
    return known.get(head[:4], "other")


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    """Reads up to `count` bytes from a position."""
    file.seek(place)
    return file.read(count)


def _after_id3(file: BinaryIO) -> int:
    """Finds where the audio begins behind an ID3v2 tag, whose size has seven bits a byte."""
    head = _at(file, 0, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))


def _before_tags(file: BinaryIO, start: int, kind: str) -> int:
    """Finds where the audio ends before tags, which FFmpeg takes for damaged packets.

    Source: the APEv2 specification of Hydrogenaudio for the footer of that tag.
    """
    end = file.seek(0, 2)
    if kind in ("wav", "aiff", "au", "w64", "caf", "mp4", "ogg"):  # they say where it ends
        return end
    while end > start:
        footer = _at(file, max(0, end - 32), 32)
        if _at(file, max(0, end - 128), 3) == b"TAG":
            end -= 128
        elif footer[:8] == b"APETAGEX":
            size, _, flags = struct.unpack("<3I", footer[12:24])
            end -= size + 32 * (flags >> 31)
        else:
            break
    if end <= start:  # no audio, or no tags
        return file.seek(0, 2)
    last = _at(file, max(start, end - BLOCK), min(BLOCK, end - start)) if kind == "flac" else b""
    return end - max(0, len(last) - len(last.rstrip(b"\0")) - 2)  # a checksum may end with zeros


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Yields positions and names of the outermost boxes of an mp4 file."""
    at = 0
    for _ in range(10 * MOST_CHUNKS):  # a fragmented file has many
        head = _at(file, at, 16)
        if at + 8 > size:
            return
        length, name = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        yield at, name
        if length < 8:  # to the end of the file, or damaged
            return
        at += length


def _found(file: BinaryIO, size: int, kind: str) -> Iterator[int]:
    """Yields positions where a file of that kind begins."""
    pattern, overlap, header_ends = BEGINNINGS[kind], 24, -1
    for first in range(0, size, BLOCK):
        for match in pattern.finditer(_at(file, first, BLOCK + overlap)):
            at = first + match.start()
            if match.start() >= BLOCK:
                continue  # the next block finds it
            if at != header_ends:  # the streams of one Ogg file begin page by page
                yield at
            if kind == "ogg":
                page = _at(file, at, 27 + 255)
                header_ends = at + 27 + page[26] + sum(page[27 : 27 + page[26]]) if len(page) > 26 else -1


def _joined_wav(file: BinaryIO, start: int, size: int) -> Iterator[int]:
    """Yields positions where wav files begin, each behind the last chunk of the one before; no audio is searched."""
    at: int | None = start
    while at is not None:
        yield at
        chunks = CHUNKS[f"{WAV[_at(file, at, 4)]}wav"]
        for place, name, _ in chunks.walk(file, at, end=size):
            if name in WAV and kind_of(_at(file, place, 16)) == "wav":
                at = place
                break
        else:
            at = None


def _measured(file: BinaryIO, kind: str, start: int, end: int) -> Link:
    """Makes a link, with what is wrong with the length that its header gives.

    Source: EBU Tech 3306 (RF64) and ITU-R BS.2088 (BW64) for the sizes of wav files beyond 4 GiB.
    """
    link = Link(kind, start, end)
    if kind == "au":
        order = ">" if _at(file, start, 4) == b".snd" else "<"
        offset, length = struct.unpack(order + "2I", _at(file, start + 4, 8).ljust(8, b"\0"))
        return _compared(file, link, start + offset, length, ((8, b"\xff" * 4),), None)
    if kind not in ("wav", "aiff", "caf", "w64"):
        return link
    chunks = CHUNKS[f"{WAV[_at(file, start, 4)]}wav" if kind == "wav" else kind]
    long_size_at, long_size = 0, None
    corrections: list[Correction] = []
    for at, name, length in chunks.walk(file, start, end=end):
        content = at + chunks.header
        if name == b"ds64":
            long_size_at, long_size = content - start + 8, int.from_bytes(_at(file, content + 8, 8), "little")
        elif kind == "aiff" and name == b"COMM" and len(comm := _at(file, content, 8)) == 8:
            channels, _, bits = struct.unpack(">hIh", comm)
            frames = (end - content) // max(1, channels * -(-bits // 8))
            corrections = [(content - start + 2, struct.pack(">I", min(frames, 2**31 - 1)))]
        elif name == chunks.data:
            if long_size is not None:
                return _measured_long(file, link, content, length, (long_size_at, long_size), chunks)
            corrections.append((at - start + chunks.name_bytes, _to_the_end(kind, end - content, chunks)))
            return _compared(file, link, content, length, tuple(corrections), chunks)
    return link


def _to_the_end(kind: str, there: int, chunks: Chunks) -> bytes:
    """Gives the size of an audio chunk that reaches to the end of the link, of which `there` bytes are left."""
    if kind == "wav":
        return b"\xff" * 4
    if kind == "caf":
        return b"\xff" * 8  # -1 is "to the end"
    return struct.pack(chunks.size_format, min(there + chunks.counts_header * chunks.header, UNKNOWN))


def _measured_long(
    file: BinaryIO, link: Link, content: int, length: int, long_size: tuple[int, int], chunks: Chunks
) -> Link:
    """Compares the two sizes of the audio in a wav file beyond 4 GiB; the long one is given with its position."""
    size_at, size = long_size
    length = length if 0 < length < UNKNOWN else size if size < 2**63 else 0
    known = 0 < length <= link.end - content
    corrections = ((size_at, (length if known else link.end - content).to_bytes(8, "little")),)
    if known and length != size:
        return replace(link, corrections=corrections)
    return _compared(file, link, content, length, corrections, chunks)


def _with_each_data(file: BinaryIO, link: Link) -> list[Link]:
    """Gives a link for each audio chunk of a wav file, with the others named JUNK, since decoders read only one."""
    if link.kind != "wav" or not link.tail:
        return [link]
    chunks = CHUNKS[f"{WAV[_at(file, link.start, 4)]}wav"]
    places = [
        (at - link.start, size) for at, name, size in chunks.walk(file, link.start, end=link.end) if name == b"data"
    ]
    if len(places) < 2:
        return [link]
    return [
        replace(link, is_empty=False, corrections=tuple((at, b"JUNK") for at, _ in places if at != place))
        for place, size in places[:MOST_DATA]
        if size > 0
    ] or [link]


def _compared(
    file: BinaryIO,
    link: Link,
    content: int,
    length: int,
    corrections: tuple[Correction, ...],
    chunks: Chunks | None,
) -> Link:
    """Compares the length in a link's header with the bytes that are there."""
    there = max(0, link.end - content)
    if length < 0 or length >= UNKNOWN:
        return link
    if length > there:
        return replace(link, missing=1 - there / length)
    behind, stray = content + length, there - length
    if (chunks and _is_tail(file, behind, link, chunks)) or not stray:
        return replace(link, is_empty=not length, tail=stray)
    if length and _is_padding(file, behind, link.end):
        return link
    if length and stray <= max(STRAY_BYTES, STRAY_SHARE * length):
        return replace(link, stray=stray)
    return replace(link, size_is_wrong=True, corrections=corrections)


def _is_tail(file: BinaryIO, at: int, link: Link, chunks: Chunks) -> bool:
    """Tells whether chunks, or a tag, reach from the end of the audio to the end of the link."""
    if _at(file, at, 8).startswith(TAGS):
        return True
    offsets = {0, -(at - link.start) % chunks.align}  # some programs leave out what fills an odd chunk up
    return any(_chunks_reach(file, at + offset, link.end, chunks) for offset in offsets)


def _chunks_reach(file: BinaryIO, at: int, end: int, chunks: Chunks) -> bool:
    """Tells whether chunks reach from a position to the end."""
    for _ in range(MOST_CHUNKS):
        if at + chunks.header > end:
            return True
        head = _at(file, at, chunks.header)
        size = struct.unpack(chunks.size_format, head[chunks.name_bytes :])[0] - chunks.counts_header * chunks.header
        if not all(0x20 <= byte < 0x7F for byte in head[:4]) or size < 0 or at + chunks.header + size > end + 1:
            return False
        at += chunks.header + size + -size % chunks.align
    return False


def _is_padding(file: BinaryIO, at: int, end: int) -> bool:
    """Tells whether nothing but zeros is left."""
    return not any(any(_at(file, place, min(BLOCK, end - place))) for place in range(at, end, BLOCK))
