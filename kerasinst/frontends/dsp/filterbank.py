"""Banks of complex kernels, one for each frequency, as grouped strided convolutions.

A kernel for a low frequency is long and its output changes slowly; one for a high frequency is short and has to be
applied more often. So kernels of similar length form a group, each group has a stride that is a fraction of its
kernels' length, and power is averaged over each hop. No sound between two frames is missed, and all octaves cost about
the same.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp import amplitude
from kerasinst.frontends.dsp.frontend import FrontEnd


class Group(NamedTuple):
    """Kernels that are applied at the same places.

    Attributes:
        kernels: real parts, then imaginary parts, of n complex kernels, `(length, 1, 2 * n)`.
        stride: distance between two places, in samples.
    """

    kernels: np.ndarray
    stride: int


class FilterBank(FrontEnd):
    """A front end whose bins are the kernels of a bank.

    A subclass defines `kernels` and `overlap`, and sets `hop_length`, `log` and `top_db` before it calls `_prepare`.
    """

    overlap: float
    """How often a kernel is applied within its own length, at least."""

    log: bool
    """Whether features are in decibels; otherwise they are magnitudes."""

    top_db: float | None
    """Range of the decibels below the loudest value of a sample; None does not limit it."""

    def kernels(self) -> list[np.ndarray]:
        """Gives complex kernels, centred and of odd length, from the lowest to the highest frequency, in float64."""
        raise NotImplementedError

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features."""
        power = ops.concatenate([_power(waveform, part, self.hop_length) for part in self._groups], axis=-1)
        features = amplitude.decibels(power, self.top_db) if self.log else ops.sqrt(power)
        return ops.expand_dims(features, -1)

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, bins, 1)`; the last frame is filled up with zeros."""
        return -(-samples // self.hop_length), len(self.bins), 1

    def _prepare(self) -> None:
        """Makes the groups, once all attributes are set."""
        if self.hop_length & (self.hop_length - 1):
            raise ValueError(f"hop_length={self.hop_length} must be a power of 2: high frequencies divide it further")
        self._groups = group(self.kernels(), self.hop_length, overlap=self.overlap, dtype=self.precision)


def group(kernels: Iterable[np.ndarray], hop_length: int, *, overlap: float, dtype: str) -> list[Group]:
    """Groups kernels by their stride: the largest power of 2, up to the hop, that keeps the overlap.

    Args:
        kernels: complex kernels of odd length.
        hop_length: distance between two frames, in samples; a power of 2.
        overlap: how often a kernel is applied within its own length, at least.
        dtype: data type of the grouped kernels.

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
    """Gives the first sample of each stretch to which a group's kernels are applied.

    Args:
        part: the group.
        n_frames: number of frames.
        hop_length: distance between two frames, in samples.

    Returns:
        Positions in the waveform, some of them negative; the centres of the stretches lie evenly within each hop.
    """
    first = part.stride // 2 - len(part.kernels) // 2
    return range(first, first + n_frames * hop_length, part.stride)


def _power(waveform: Tensor, part: Group, hop_length: int) -> Tensor:
    """Computes the mean power of a group's kernels over each hop, `(batch, ceil(samples / hop_length), n)`."""
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
