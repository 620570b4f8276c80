"""Banks of complex kernels, one for each frequency, as grouped strided convolutions.

A kernel for a low frequency is long and its output changes slowly; one for a high frequency is short and has to be
applied more often. So kernels of similar length form a group, each group has a stride that is a fraction of its
kernels' length, and power is averaged over each hop. No sound between two frames is missed, and all octaves cost about
the same.

A kernel is a complex sine under an envelope. A bank of kernels takes megabytes in a file; computed from frequencies and
widths each time, it takes a few kB.
"""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp import amplitude
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.frontends.dsp.generated_tables import arange, nothing
from kerasinst.frontends.dsp.validation import Tables


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

    A subclass defines `frequencies`, `widths`, `envelope` and `overlap`, and sets `hop_length`, `log`, `top_db` and
    `tables` before it calls `_prepare`.
    """

    overlap: float
    """How often a kernel is applied within its own length, at least."""

    log: bool
    """Whether features are in decibels; otherwise they are magnitudes."""

    top_db: float | None
    """Range of the decibels below the loudest value of a sample; None does not limit it."""

    tables: Tables
    """Whether kernels are stored or computed each time."""

    @property
    def frequencies(self) -> np.ndarray:
        """Frequency of each kernel, in Hz, from the lowest to the highest."""
        raise NotImplementedError

    @property
    def widths(self) -> np.ndarray:
        """Distance from the middle of each kernel to its end, in samples."""
        raise NotImplementedError

    def envelope(self, distance: Any, *, xp: ModuleType) -> Any:
        """Computes the envelope of a kernel, which need not have a sum of 1.

        Args:
            distance: distance from the middle, as a share of the kernel's width.
            xp: module to compute it with, `numpy` or `keras.ops`.
        """
        raise NotImplementedError

    def kernels(self) -> list[np.ndarray]:
        """Gives complex kernels, centred and of odd length, from the lowest to the highest frequency, in float64."""
        kernels = []
        for frequency, width in zip(self.frequencies, self.widths, strict=True):
            reach = int(np.ceil(width))
            n = np.arange(-reach, reach + 1)
            envelope = self.envelope(np.abs(n) / width, xp=np)
            kernels.append(2 * envelope / envelope.sum() * np.exp(2j * np.pi * frequency / self.sample_rate * n))
        return kernels

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features."""
        parts, first = [], 0
        for part in self._groups:
            bins = slice(first, first + part.kernels.shape[-1] // 2)
            stored = self.tables == "stored"
            kernels = part.kernels if stored else self._computed(part, bins, zero=nothing(waveform))
            parts.append(_power(waveform, part, kernels=kernels, hop_length=self.hop_length))
            first = bins.stop
        power = ops.concatenate(parts, axis=-1)
        features = amplitude.decibels(power, self.top_db) if self.log else ops.sqrt(power)
        return ops.expand_dims(features, -1)

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, bins, 1)`; the last frame is filled up with zeros."""
        return -(-samples // self.hop_length), len(self.bins), 1

    def _computed(self, part: Group, bins: slice, *, zero: Tensor) -> Tensor:
        """Computes the kernels of a group, which holds these bins, from what `nothing` gives."""
        middle, n = len(part.kernels) // 2, part.kernels.shape[-1] // 2
        number = (arange(len(part.kernels), zero) - middle)[:, None, None]
        cycles = number * (self.frequencies[bins] / self.sample_rate).astype(self.precision)
        distance = ops.absolute(number) * (1 / self.widths[bins]).astype(self.precision)
        envelope = part.kernels[middle, :, :n] * self.envelope(distance, xp=ops)
        angle = (cycles - ops.floor(cycles)) * (2 * np.pi)
        return ops.concatenate([envelope * ops.cos(angle), envelope * ops.sin(angle)], axis=-1)

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


def _power(waveform: Tensor, part: Group, *, kernels: Tensor, hop_length: int) -> Tensor:
    """Computes the mean power of a group's kernels over each hop, `(batch, ceil(samples / hop_length), n)`."""
    samples = waveform.shape[1]
    n_frames = -(-samples // hop_length)
    starts = starts_of(part, n_frames, hop_length=hop_length)
    last = max(starts[-1], starts[0] + part.stride)  # TensorFlow on CPU aborts where a long kernel has one place only
    before, after = -starts[0], max(0, last + len(part.kernels) - samples)
    padded = ops.expand_dims(ops.pad(waveform, [[0, 0], [before, after]]), -1)
    both = ops.conv(padded, kernels, strides=part.stride, padding="valid", data_format="channels_last")
    n = both.shape[-1] // 2
    power = (ops.square(both[..., :n]) + ops.square(both[..., n:]))[:, : len(starts)]
    return ops.mean(ops.reshape(power, (-1, n_frames, hop_length // part.stride, n)), axis=2)
