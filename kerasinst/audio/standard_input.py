"""Reads audio from standard input."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from kerasinst.core.errors import AudioError, BadInput

NAME = "-"
"""Name that stands for standard input."""
CONTAINERS = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"fLaC", b"OggS", b"ID3", b"caff", b".snd", b"\x1aE\xdf\xa3")
"""First bytes of files that say themselves what they hold: wav, aiff, flac, ogg, mp3 with tags, caf, au and webm."""
CHUNK = 2**20
"""Number of bytes that are read at once."""


@contextmanager
def as_file(stream: BinaryIO, sample_rate: int) -> Iterator[Path]:
    """Yields a temporary file with the audio of a stream, read to its end.

    A stream that begins as a wav, aiff, flac, ogg, caf, au or webm file, or as an mp3 file with tags, is decoded as
    such. Anything else is taken for raw samples: one channel of signed integers of 16 bits, the low byte first.

    Args:
        stream: the stream.
        sample_rate: sample rate of raw samples in Hz.

    Raises:
        BadInput: if the stream is a terminal.
        AudioError: if there is nothing in it.

    Example:
        >>> with as_file(sys.stdin.buffer, 22050) as file:
        ...     tag = tagger(file)
    """
    if stream.isatty():
        raise BadInput("-: reads audio from standard input: ffmpeg -i song.mp3 -f wav - | kerasinst predict -")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "standard-input"
        begin = stream.read(CHUNK)
        if not begin:
            raise AudioError("standard input: holds no samples")
        chunks = iter(lambda: stream.read(CHUNK), b"")
        if begin.startswith(CONTAINERS):
            with open(file, "wb") as written:
                for chunk in (begin, *chunks):
                    written.write(chunk)
        else:
            _write_samples(file, begin, chunks, sample_rate)
        yield file


def _write_samples(file: Path, begin: bytes, chunks: Iterator[bytes], sample_rate: int) -> None:
    """Writes raw samples as a wav file; half a sample at the end is dropped."""
    with soundfile.SoundFile(os.fsdecode(file), "w", sample_rate, 1, "PCM_16", format="RF64") as written:
        left = b""
        for chunk in (begin, *chunks):
            whole = left + chunk
            left = whole[len(whole) - len(whole) % 2 :]
            written.write(np.frombuffer(whole[: len(whole) - len(left)], "<i2"))
