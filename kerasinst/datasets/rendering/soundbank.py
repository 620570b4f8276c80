"""Mends the General MIDI bank that comes with pretty_midi (TimGM6mb) for the synthesizer that plays it.

The synthesizer of symusic takes the pitch of a sample as its root key, and ignores the root key that a zone of an
instrument may set instead (generator 58, overridingRootKey). So most pianos and strings of the bank are played up to
four octaves too high. Here each such zone gets a sample header of its own, with that root key as its pitch.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from kerasinst.core.errors import BadInput

SAMPLE_ID, ROOT_KEY = 53, 58
"""Numbers of generators in the SoundFont 2.04 specification (section 8.1.2)."""
HEADER = 46
"""Number of bytes of a sample header; the pitch is the 41st (section 7.10)."""


def find() -> Path:
    """Finds the bank as it was published."""
    import pretty_midi

    return Path(pretty_midi.__file__).with_name("TimGM6mb.sf2")


def named(banks: Sequence[str] | None, *, folders: bool = False) -> list[Path]:
    """Finds the sound banks that an experiment names.

    Args:
        banks: paths of .sf2 files; `TimGM6mb` is the bank that comes with pretty_midi. None is that bank alone.
        folders: whether folders of recorded notes are banks, too.

    Raises:
        BadInput: if there is no such file or folder.
    """
    found = [find() if bank == find().stem else Path(bank).expanduser() for bank in banks or [find().stem]]
    for bank in found:
        if not (bank.is_file() or (folders and bank.is_dir())):
            kinds = ".sf2 files, folders of recorded notes" if folders else ".sf2 files"
            raise BadInput(f"{bank}: there is no such sound bank; name {kinds}, or {find().stem}")
    return found


def chunk(bank: bytes, name: bytes) -> tuple[int, int]:
    """Finds start and end of the content of a chunk in the `pdta` list of a bank."""
    start = bank.index(name, bank.index(b"pdta")) + 8
    return start, start + struct.unpack_from("<I", bank, start - 4)[0]


def records(bank: bytes, name: bytes, *, layout: str) -> list[tuple[Any, ...]]:
    """Reads the records of a chunk in the `pdta` list of a bank.

    Args:
        bank: content of an .sf2 file.
        name: name of the chunk.
        layout: format of a record, for `struct`.
    """
    start, end = chunk(bank, name)
    return list(struct.iter_unpack(layout, bank[start:end]))


def mend(bank: bytes) -> bytes:
    """Writes the root keys of zones into sample headers.

    Args:
        bank: content of an .sf2 file.

    Returns:
        Content of the mended file.
    """
    mended = bytearray(bank)
    generators, _ = chunk(bank, b"igen")
    first, end = chunk(bank, b"shdr")
    headers = [bank[at : at + HEADER] for at in range(first, end - HEADER, HEADER)]  # without the terminal one
    number_of: dict[tuple[int, int], int] = {}
    bags = [row[0] for row in records(bank, b"ibag", layout="<HH")]
    kinds = records(bank, b"igen", layout="<HH")
    for zone_start, zone_end in pairwise(bags):
        zone = {kinds[index][0]: (index, kinds[index][1]) for index in range(zone_start, zone_end)}
        if SAMPLE_ID in zone and ROOT_KEY in zone:
            (index, sample), (_, root) = zone[SAMPLE_ID], zone[ROOT_KEY]
            if (sample, root) not in number_of:
                number_of[sample, root] = len(headers)
                headers.append(headers[sample][:40] + bytes([root]) + headers[sample][41:])
            struct.pack_into("<H", mended, generators + 4 * index + 2, number_of[sample, root])
    content = b"".join(headers) + bank[end - HEADER : end]
    grown = len(content) - (end - first)
    mended[first:end] = content
    for at in (first - 4, bank.rindex(b"LIST", 0, first) + 4, 4):  # sizes of the chunk, its list and the file
        struct.pack_into("<I", mended, at, struct.unpack_from("<I", bank, at)[0] + grown)
    return bytes(mended)
