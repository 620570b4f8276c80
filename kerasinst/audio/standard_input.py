"""Reads audio from standard input."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from kerasinst.core.errors import AudioError, BadInput

NAME = "-"
"""Path that stands for standard input."""
SHOWN = "standard input"
"""Its name in results and messages."""
CONTAINERS = (
    b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b"fLaC", b"OggS", b"ID3", b"caff", b".snd", b"\x1aE\xdf\xa3",
    b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9", b"0&\xb2u", b"#!AMR",
)  # fmt: skip
"""First bytes of files that say what they hold: wav, aiff, flac, ogg, caf, au, webm, mp3, aac, wma and amr."""
BOX = b"ftyp"
"""What stands behind the first four bytes of mp4 and m4a files."""
CHUNK = 2**20
"""Number of bytes that are read at once."""


@contextmanager
def as_file(
    stream: BinaryIO | None,
    sample_rate: int | None,
    *,
    default_rate: int,
    on_remark: Callable[[str], None] = lambda text: None,
) -> Iterator[Path]:
    """Yields a temporary file with the audio of a stream, read to its end.

    A stream that begins like a file of a known format is decoded as such. Anything else is taken for raw samples: one
    channel of signed integers of 16 bits, the low byte first.

    Args:
        stream: the stream, or None if there is none.
        sample_rate: sample rate of raw samples in Hz; with None, the stream may be a file.
        default_rate: sample rate of raw samples without `sample_rate`.
        on_remark: called with a sentence if the stream is taken for raw samples.

    Raises:
        BadInput: if the stream is a terminal or a text, or there is none.
        AudioError: if there is nothing in it.

    Example:
        >>> with as_file(sys.stdin.buffer, None, default_rate=22050) as file:
        ...     tag = tagger(file)
    """
    if stream is None or stream.isatty():
        raise BadInput("-: pipe audio into standard input: ffmpeg -i song.mp3 -f wav - | kerasinst predict -")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "standard-input"
        begin = stream.read(CHUNK)
        if not begin:
            raise AudioError(f"{SHOWN}: holds no samples")
        chunks = iter(lambda: stream.read(CHUNK), b"")
        if sample_rate is None and (begin.startswith(CONTAINERS) or begin[4:8] == BOX):
            with open(file, "wb") as written:
                for chunk in chain([begin], chunks):
                    written.write(chunk)
        else:
            if _is_text(begin):
                raise BadInput(f"{SHOWN}: holds text; pipe audio into it")
            if sample_rate is None:
                on_remark(f"{SHOWN}: taken for raw samples, mono, 16 bits, at {default_rate:,} Hz; see --rate")
            _write_samples(file, begin, chunks, sample_rate=sample_rate or default_rate)
        yield file


def _is_text(begin: bytes) -> bool:
    """Tells whether bytes are a text, whose signs are all above those that control terminals."""
    return all(byte >= 32 or byte in b"\t\n\r" for byte in begin[:1000])


def _write_samples(file: Path, begin: bytes, chunks: Iterator[bytes], *, sample_rate: int) -> None:
    """Writes raw samples as a wav file; half a sample at the end is dropped."""
    with soundfile.SoundFile(os.fsdecode(file), "w", sample_rate, 1, "PCM_16", format="RF64") as written:
        left = b""
        for chunk in chain([begin], chunks):
            whole = left + chunk
            left = whole[len(whole) - len(whole) % 2 :]
            written.write(np.frombuffer(whole[: len(whole) - len(left)], "<i2"))
