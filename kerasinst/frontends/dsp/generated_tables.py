"""Tables that a front end computes from a few numbers each time, so that they take no room in a model's file.

Stored as tables, sines and triangular filters are most of a small model's file; computed, those of one spectrogram take
about a tenth of a millisecond. A converter computes what does not depend on the input once, and stores it. So that it
does not, each table here is computed with a value that is taken from the waveform and changes nothing.
"""

import keras
import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp.filters import Triangles


def hann(frames: Tensor) -> Tensor:
    """Computes the Hann window for frames of shape `(batch, frames, samples)`.

    Equals `scipy.signal.get_window("hann", samples)`.
    """
    samples = frames.shape[-1]
    return 0.5 - 0.5 * ops.cos(arange(samples, nothing(frames)) * (2 * np.pi / samples))


def arange(n: int, zero: Tensor) -> Tensor:
    """Computes the whole numbers from 0 to n - 1, from two short lists.

    Args:
        n: how many numbers.
        zero: what `nothing` gives; the numbers have its data type.
    """
    columns = int(np.ceil(n**0.5))
    dtype = keras.backend.standardize_dtype(zero.dtype)
    numbers = (_numbers(-(-n // columns), dtype, columns) + zero)[:, None] + (_numbers(columns, dtype) + zero)
    return ops.reshape(numbers, (-1,))[:n]


def nothing(like: Tensor) -> Tensor:
    """Gives a zero of shape `(1,)` that is computed from a tensor."""
    return ops.minimum(ops.absolute(ops.reshape(like, (-1,))[:1]), 0.0)


def turns(number: Tensor, other: Tensor, *, n: int) -> tuple[Tensor, Tensor]:
    """Gives cosine and sine of `2 pi number other / n`, for whole numbers whose product a float holds exactly."""
    product = number * other
    rest = product - ops.floor(product * (1 / n)) * n
    angle = rest * (2 * np.pi / n)
    return ops.cos(angle), ops.sin(angle)


class ComputedSpectrum:
    """The filtered power spectrum of `PowerSpectrum`, from tables that are computed with it.

    For sample r C + c of a frame and bin k + R l of its transform (Cooley and Tukey), there is a product over r; one
    over c, for each k with a matrix of its own that includes the rotation; and one with the filters.

    Args:
        rows: R, the first factor of the transform's length.
        columns: C, the second factor.
        filters: `filters.Triangles`, which are computed, too, or a table of shape `(bins (k, l), filters)`.
        power: 2 for power, 1 for magnitude.
        dtype: data type to compute in.
    """

    def __init__(self, rows: int, columns: int, *, filters: Triangles | np.ndarray, power: int, dtype: str) -> None:
        self.rows, self.columns, self.half = rows, columns, rows // 2 + 1
        self.power = power
        self.dtype = dtype
        if not isinstance(filters, Triangles):
            filters = filters.reshape(self.half, columns, -1).astype(dtype)
        self.filters = filters

    def __call__(self, frames: Tensor) -> Tensor:
        """Computes the filtered spectrum `(batch, frames, filters)` of frames `(batch, frames, samples)`."""
        rows, columns, half, n_fft = self.rows, self.columns, self.half, self.rows * self.columns
        n, samples = frames.shape[1:]
        zero = nothing(frames)
        row, column = _numbers(rows, self.dtype), _numbers(columns, self.dtype) + zero
        # The transform of the other direction has the same power where frames are real, and needs no minus signs.
        first = ops.concatenate(turns(_numbers(half, self.dtype)[:, None] + zero, row, n=rows), axis=0)
        frames = ops.pad(frames, [[0, 0], [0, 0], [0, n_fft - samples]])
        by_row = ops.reshape(ops.matmul(first, ops.reshape(frames, (-1, rows, columns))), (-1, 2, half, columns))
        by_row = ops.reshape(ops.transpose(by_row, (2, 0, 1, 3)), (half, -1, 2 * columns))
        bins = _numbers(half, self.dtype)[:, None, None] + rows * column
        squares = ops.square(ops.matmul(by_row, self._second(column, bins)))
        spectrum = squares[..., :columns] + squares[..., columns:]
        spectrum = ops.sqrt(spectrum) if self.power == 1 else spectrum
        filtered = ops.sum(ops.matmul(spectrum, self._filters(bins)), axis=0)
        return ops.reshape(filtered, (-1, n, filtered.shape[-1]))

    def _second(self, column: Tensor, bins: Tensor) -> Tensor:
        """Computes the matrices over c, of shape (k, real or imaginary c, real or imaginary l)."""
        cosine, sine = turns(column[:, None], bins, n=self.rows * self.columns)
        rows = [ops.concatenate(pair, axis=-1) for pair in ((cosine, sine), (-sine, cosine))]
        return ops.concatenate(rows, axis=1)

    def _filters(self, bins: Tensor) -> Tensor:
        """Computes the filters, of shape (k, l, filter); bins k + R l and N - k - R l are equal and count half each."""
        if not isinstance(self.filters, Triangles):
            return self.filters
        left, right, rising, falling = (each.astype(self.dtype) for each in self.filters.sides)
        n_fft = self.rows * self.columns
        bins = ops.transpose(ops.minimum(bins, n_fft - bins), (0, 2, 1))
        once = np.ones((self.half, 1, 1), self.dtype)
        once[[0, -1] if self.rows % 2 == 0 else [0]] = 0.5
        if (left < 0).any() or (right > n_fft // 2).any():  # the first and the last bin have no other that equals them
            once = once * np.ones((1, self.columns, 1), self.dtype)
            alone = np.add.outer(np.arange(self.half), self.rows * np.arange(self.columns))
            once[np.isin(alone, (0, n_fft / 2))] = 1
        return ops.relu(ops.minimum((bins - left) * rising, (right - bins) * falling)) * once


def _numbers(count: int, dtype: str, step: int = 1) -> np.ndarray:
    """Gives the first `count` multiples of `step`."""
    return (step * np.arange(count)).astype(dtype)
