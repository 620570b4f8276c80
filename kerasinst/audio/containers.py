"""What kind of file it is, by its content, and whether several stand in it one behind the other.

A header may say how long the audio is, and be wrong: a recorder that is killed leaves 0, or what it had written before.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 2**20
"""Bytes that are searched at once."""
PLACEHOLDER = 0x7FFFF000
"""Sizes from here on stand for "not known yet": 0xFFFFFFFF and its like."""
WAV = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<", b"BW64": "<"}
"""First bytes of wav files, and the order of the bytes of their numbers."""
W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
BEGINNINGS = {
    "aiff": re.compile(rb"FORM....AIF[FC](?:FVER|COMM)", re.DOTALL),
    "au": re.compile(rb"\.snd\x00\x00.{6}\x00\x00\x00[\x01-\x1b]", re.DOTALL),
    "caf": re.compile(rb"caff\x00\x01\x00\x00desc"),
    "flac": re.compile(rb"fLaC[\x00\x80]\x00\x00\x22"),
    "ogg": re.compile(rb"OggS\x00[\x02\x03]\x00{8}"),
    "tta": re.compile(rb"TTA1[\x01-\x03]\x00"),
    "w64": re.compile(re.escape(W64)),
}
"""How a further file of the same kind begins."""
TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICS")
"""What taggers write behind the chunks of a wav file."""


@dataclass(frozen=True)
class Link:
    """One of the files that stand one behind the other in a file; most files have one.

    Attributes:
        kind: "wav", "aiff", "au", "w64", "caf", "flac", "ogg", "tta", "mp4" or "other".
        start: first byte.
        end: the byte after the last.
        is_empty: whether its header says that there is no audio, and nothing speaks against that.
        size_is_wrong: whether its header says less than there is.
        missing: share of the audio that the header promises and that is not there.
    """

    kind: str
    start: int
    end: int
    is_empty: bool = False
    size_is_wrong: bool = False
    missing: float = 0.0


def links(file: BinaryIO) -> list[Link]:
    """The parts of a file that are files of their own, by the file's content; `file` is left anywhere.

    Example:
        >>> with open("cello.wav", "rb") as file:
        ...     links(file)
        [Link(kind='wav', start=0, end=220544, is_empty=False, size_is_wrong=False, missing=0.0)]
    """
    size = file.seek(0, 2)
    start = _after_id3(file)
    kind = _kind(_at(file, start, 16))
    if kind == "wav":
        found = [_wav(file, start, size)]
        while found[-1].end < size:
            found.append(_wav(file, found[-1].end, size))
        return found
    if kind == "mp4":
        starts = [at for at, name in _boxes(file, size) if name == b"ftyp"]
    elif kind in BEGINNINGS:
        starts = list(_found(file, size, kind))
    else:
        starts = []
    starts = [0, *(at for at in starts if at > start)]
    return [Link(kind, first, end) for first, end in zip(starts, [*starts[1:], size], strict=True)]


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)


def _after_id3(file: BinaryIO) -> int:
    """Where the audio begins behind an ID3v2 tag, whose size has seven bits a byte."""
    head = _at(file, 0, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))


def _kind(head: bytes) -> str:
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


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Places and names of the outermost boxes of an mp4 file."""
    at = 0
    while at + 8 <= size:
        head = _at(file, at, 16)
        length, name = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        yield at, name
        if length < 8:  # to the end of the file, or damaged
            return
        at += length


def _found(file: BinaryIO, size: int, kind: str) -> Iterator[int]:
    """Places where a file of that kind begins."""
    pattern, overlap, header_ends = BEGINNINGS[kind], 24, -1
    for first in range(0, size, CHUNK):
        for match in pattern.finditer(_at(file, first, CHUNK + overlap)):
            at = first + match.start()
            if match.start() >= CHUNK:
                continue  # the next chunk finds it
            if at != header_ends:  # the streams of one Ogg file begin page by page
                yield at
            if kind == "ogg":
                page = _at(file, at, 27 + 255)
                header_ends = at + 27 + page[26] + sum(page[27 : 27 + page[26]]) if len(page) > 26 else -1


def _wav(file: BinaryIO, start: int, size: int) -> Link:
    """The wav file that begins at `start`.

    Source: EBU Tech 3306 (RF64) and ITU-R BS.2088 (BW64) for sizes beyond 4 GiB.
    """
    order = WAV[_at(file, start, 4)]
    at, long_size = start + 12, 0
    while at + 8 <= size:
        name, length = struct.unpack(order + "4sI", _at(file, at, 8))
        if name == b"ds64":
            long_size = int.from_bytes(_at(file, at + 16, 8), "little")
        if name == b"data":
            break
        at += 8 + length + length % 2
    else:
        return Link("wav", start, size)
    there, unknown = size - at - 8, length >= PLACEHOLDER
    if long_size and unknown:
        length, unknown = long_size, False
    if unknown:
        return Link("wav", start, size)
    if length > there:
        return Link("wav", start, size, missing=1 - there / length)
    end = _tail(file, at + 8 + length, size, order)
    return Link("wav", start, end or size, is_empty=end is not None and not length, size_is_wrong=end is None)


def _tail(file: BinaryIO, at: int, size: int, order: str) -> int | None:
    """Where a wav file ends whose audio ends at `at`: at the next wav file, or `size`; None if more audio follows."""
    places = (at, at + 1) if at % 2 else (at,)  # some programs leave the byte out that fills an odd chunk up
    for place in places:
        while place + 8 <= size:
            head = _at(file, place, 12)
            if head[:4] in WAV and head[8:12] == b"WAVE":
                return place
            name, length = struct.unpack(order + "4sI", head[:8])
            if not all(0x20 <= byte < 0x7F for byte in name) or place + 8 + length > size + 1:
                break
            place += 8 + length + length % 2
        else:
            return size
    if _at(file, at, 8).startswith(TAGS) or not any(_at(file, at, CHUNK)):
        return size
    return None
