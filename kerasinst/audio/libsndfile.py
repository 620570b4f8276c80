"""Decodes plain samples (wav, aiff, au, w64 and caf), and whatever else libsndfile knows."""

from collections.abc import Iterator

import numpy as np
import soundfile

from kerasinst.audio import limits
from kerasinst.audio.containers import Readable
from kerasinst.core.errors import AudioError

PLAIN = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW")
"""Beginnings of the names of codings with a fixed number of bytes per sample, whose length follows from the file's."""


def decode(
    source: str | bytes | Readable, part: tuple[float, float], *, plain: bool = False, within: bool = False
) -> Iterator[tuple[np.ndarray, int]]:
    """Decodes a part of a file, block by block.

    Args:
        source: path, or an open file.
        part: start and end in seconds.
        plain: refuse all codings but those of `PLAIN`. For others libsndfile believes the length in the header.
        within: refuse a part that ends beyond the length in the header.

    Yields:
        Float32 samples of shape `(samples, channels)`, and their sample rate in Hz.

    Raises:
        AudioError: if libsndfile cannot read the file.
    """
    start, end = part
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
