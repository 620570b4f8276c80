"""Banks of complex kernels, one for each frequency, as grouped strided convolutions.

A kernel for a low frequency is long and its output changes slowly, one for a high frequency is short and has to look
more often. So kernels of like length form a group, a group moves on by a part of its kernels' length, and power is
averaged over each hop. No sound between two frames is missed, and every octave costs the same.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from keras import ops

from kerasinst.frontends.dsp import amplitude
from kerasinst.frontends.dsp.frontend import FrontEnd


class Group(NamedTuple):
    """Kernels `(length, 1, 2 * n)`, real parts first, that are applied every `stride` samples."""

    kernels: np.ndarray
    stride: int


class FilterBank(FrontEnd):
    """A front end whose bins are the kernels of a bank; it defines `kernels`, and has `hop_length` and `log`."""

    overlap: float
    """How often a kernel is applied over its own length, at least."""

    def kernels(self) -> list[np.ndarray]:
        """Complex kernels of odd length, centred, from the lowest frequency to the highest, in float64."""
        raise NotImplementedError

    def picture(self, waveform):
        """Computes the picture."""
        power = ops.concatenate([_power(waveform, part, self.hop_length) for part in self._groups], axis=-1)
        picture = amplitude.decibels(power, self.top_db) if self.log else ops.sqrt(power)
        return ops.expand_dims(picture, -1)

    def features_shape(self, samples):
        """`(frames, bins, 1)`; the last frame is filled up with zeros."""
        return -(-samples // self.hop_length), len(self.bins), 1

    def _prepare(self) -> None:
        """Makes the groups; called when all attributes are set."""
        if self.hop_length & (self.hop_length - 1):
            raise ValueError(f"hop_length={self.hop_length} must be a power of 2: high frequencies divide it further")
        self._groups = group(self.kernels(), self.hop_length, overlap=self.overlap, dtype=self.precision)


def group(kernels: Iterable[np.ndarray], hop_length: int, *, overlap: float, dtype: str) -> list[Group]:
    """Groups kernels by how far they may move on: by the largest power of 2 up to the hop.

    Example:
        >>> [part.stride for part in group([np.ones(99), np.ones(9)], hop_length=64, overlap=3, dtype="float32")]
        [32, 2]
    """
    of_stride: dict[int, list[np.ndarray]] = {}
    for kernel in kernels:
        stride = min(hop_length, 2 ** max(0, int(np.log2(len(kernel) / overlap))))
        of_stride.setdefault(stride, []).append(kernel)
    groups = []
    for stride, members in of_stride.items():
        length = max(map(len, members))
        padded = np.stack([np.pad(kernel, (length - len(kernel)) // 2) for kernel in members], axis=-1)
        groups.append(Group(np.concatenate([padded.real, padded.imag], axis=-1)[:, None].astype(dtype), stride))
    return groups


def starts_of(part: Group, n_frames: int, *, hop_length: int) -> Sequence[int]:
    """First samples of all stretches that a group's kernels are applied to; their centres lie evenly in each hop."""
    first = part.stride // 2 - len(part.kernels) // 2
    return range(first, first + n_frames * hop_length, part.stride)


def _power(waveform, part: Group, hop_length: int):
    """Mean power of a group's kernels over each hop: `(batch, ceil(samples / hop_length), n)`."""
    samples = waveform.shape[1]
    n_frames = -(-samples // hop_length)
    starts = starts_of(part, n_frames, hop_length=hop_length)
    last = max(starts[-1], starts[0] + part.stride)  # TensorFlow on CPU aborts where a long kernel has one place only
    before, after = -starts[0], max(0, last + len(part.kernels) - samples)
    padded = ops.expand_dims(ops.pad(waveform, [[0, 0], [before, after]]), -1)
    both = ops.conv(padded, part.kernels, strides=part.stride, padding="valid", data_format="channels_last")
    n = both.shape[-1] // 2
    power = (ops.square(both[..., :n]) + ops.square(both[..., n:]))[:, : len(starts)]
    return ops.mean(ops.reshape(power, (-1, n_frames, hop_length // part.stride, n)), axis=2)
