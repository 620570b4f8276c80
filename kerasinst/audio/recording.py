"""Holds a waveform of any length: in memory while it is short, and in a temporary file beyond."""

import tempfile
import weakref
from collections.abc import Iterator

import numpy as np

from kerasinst.core.errors import AudioError

MOST_BYTES = 2**25
"""Number of bytes that are kept in memory (six minutes at 22,050 Hz)."""
STRETCH = 2**20
"""Number of samples that are looked at together."""


class Recording:
    """A waveform that is read piece by piece.

    It can be sliced forwards, like an array of shape `(samples,)`. Its temporary file goes with it.

    Attributes:
        scale: number by which its samples are divided when they are read.

    Example:
        >>> recording = Recording()
        >>> recording.append(np.zeros(22050, np.float32))
        >>> len(recording), recording[:100].shape
        (22050, (100,))
    """

    def __init__(self) -> None:
        self.scale = 1.0
        self._file = tempfile.SpooledTemporaryFile(max_size=MOST_BYTES)  # noqa: SIM115 (closed by the next line)
        weakref.finalize(self, self._file.close)
        self._length = 0

    def append(self, samples: np.ndarray) -> None:
        """Adds samples at the end.

        Args:
            samples: floats of shape `(samples,)`.

        Raises:
            AudioError: if there is no room for the temporary file.
        """
        try:
            self._file.seek(4 * self._length)
            self._file.write(np.ascontiguousarray(samples, np.float32).data)
        except OSError as error:
            place = f"temporary files in {tempfile.gettempdir()} ({error.strerror or error})"
            raise AudioError(f"too long for {place}; set TMPDIR to a folder with more room") from None
        self._length += len(samples)

    def __len__(self) -> int:
        """Gives the number of samples."""
        return self._length

    def __getitem__(self, part: slice) -> np.ndarray:
        """Reads a part, as float32 samples of shape `(samples,)`."""
        first, last, step = part.indices(self._length)
        self._file.seek(4 * first)
        found = np.frombuffer(self._file.read(4 * max(0, last - first)), np.float32)
        return (found if self.scale == 1 else found / np.float32(self.scale))[::step]


def stretches(
    waveform: np.ndarray | Recording, first: int = 0, *, last: int | None = None
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields one stretch of a waveform after the other, each with the number of its first sample.

    Args:
        waveform: floats of shape `(samples,)`, or a recording.
        first: first sample.
        last: the sample behind the last one; None is the end of the waveform.
    """
    end = len(waveform) if last is None else last
    for start in range(first, end, STRETCH):
        yield start, waveform[start : min(start + STRETCH, end)]


def peak(waveform: np.ndarray | Recording, first: int = 0, *, last: int | None = None) -> float:
    """Finds the largest amplitude in a part of a waveform.

    Args:
        waveform: floats of shape `(samples,)`, or a recording.
        first: first sample.
        last: the sample behind the last one; None is the end of the waveform.

    Example:
        >>> peak(np.array([0.1, -0.5, 0.2]))
        0.5
    """
    return max((float(np.abs(part).max()) for _, part in stretches(waveform, first, last=last)), default=0.0)
