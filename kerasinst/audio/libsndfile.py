"""Plain samples through libsndfile: wav, aiff, au, w64 and caf, and whatever else it knows."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import soundfile

from kerasinst.audio import limits
from kerasinst.core.errors import AudioError

PLAIN = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW")
"""Codings with so many bytes a sample, whose length follows from the bytes that are there."""


def decode(
    source: str | bytes | BinaryIO, start: float, end: float, *, plain: bool = False, within: bool = False
) -> Iterator[tuple[np.ndarray, int]]:
    """Blocks of float32 samples `(samples, channels)` from `start` to `end` seconds, each with its sample rate.

    Args:
        source: path, or a file that can be read and sought.
        start: in seconds.
        end: in seconds.
        plain: refuse all codings but those of `PLAIN`; of others the library believes the length in the header.
        within: refuse a part that ends beyond that length.

    Raises:
        AudioError: if it cannot read the file.
    """
    try:
        with soundfile.SoundFile(source) as file:
            if plain and not file.subtype.startswith(PLAIN):
                raise AudioError(f"codec {file.subtype}")
            if within and end * file.samplerate > file.frames:
                raise AudioError("it may be longer than its header says")
            first, last = (round(min(at * file.samplerate, file.frames)) for at in (start, end))
            at = first if file.subtype.startswith(PLAIN) else 0  # in others it finds wrong places, or none
            if at:
                file.seek(at)
            size = max(1, limits.BLOCK // file.channels)
            while at < last:
                block = file.read(min(size, last - at), dtype="float32", always_2d=True)
                if not len(block):  # the header promised more
                    break
                if first < at + len(block):
                    yield block[max(0, first - at) :], file.samplerate
                at += len(block)
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        raise AudioError(getattr(error, "error_string", "not a sound file")) from None
