"""The power spectrum of frames, by a Fourier transform that fits where it runs.

`rfft` is the backend's own, and RFFT2D in TFLite. `conv` needs no such operator: a transform of N = R C points is one
of R points over every Cth sample, a rotation, and one of C points (Cooley, J. W. and Tukey, J. W. (1965). An algorithm
for the machine calculation of complex Fourier series), so two products with small fixed matrices do it.
They hold some thousand numbers, where one kernel with all sines and cosines holds a million. TFLite is about twice as
fast with them as with RFFT2D, and since it computes nothing else than training does, pictures agree to the last bits.
RFFT2D takes powers of 2 alone; other lengths always go the way of `conv`, so that training and device agree.
`computed` is `conv` with the matrices computed from a few numbers each time, which makes a file of a few kB, for a
tenth of a millisecond more.
"""

import numpy as np
from keras import ops

from kerasinst.frontends.dsp.filters import Triangles
from kerasinst.frontends.dsp.generated_tables import ComputedSpectrum
from kerasinst.frontends.dsp.validation import Form


class PowerSpectrum:
    """Squared magnitude of the real DFT of frames, times a matrix.

    The bins of `conv` come in an order of their own, some twice, so the rows of the matrix are put in that order.

    Args:
        n_fft: points of the transform. `conv` is quick if it has two factors of like size.
        filters: `(n_fft // 2 + 1, n)`, from bins to whatever; "computed" also takes `Triangles`.
        dft: "rfft", "conv" or "computed".
        power: 2, or 1 for the magnitude.
        dtype: to compute in.

    Example:
        >>> PowerSpectrum(n_fft=4, filters=np.eye(3))(np.ones((1, 1, 4), "float32"))
        [[[16., 0., 0.]]]
    """

    def __init__(
        self,
        n_fft: int,
        filters: np.ndarray | Triangles,
        *,
        dft: Form = "rfft",
        power: int = 2,
        dtype: str = "float32",
    ):
        self.n_fft = n_fft
        self.power = power
        self.factored = dft != "rfft" or bool(n_fft & (n_fft - 1))
        self.computed = None
        if self.factored:
            rows = min(factor for factor in range(1, n_fft + 1) if n_fft % factor == 0 and factor**2 >= n_fft)
            filters = filters if isinstance(filters, Triangles) else _arranged(filters, rows, n_fft // rows)
            if dft == "computed":
                self.computed = ComputedSpectrum(rows, n_fft // rows, filters=filters, power=power, dtype=dtype)
                return
            self.kernels = tuple(kernel.astype(dtype) for kernel in _kernels(rows, n_fft // rows))
        self.filters = filters.astype(dtype)

    def __call__(self, frames):
        """`(batch, frames, samples)` to `(batch, frames, n)`; samples up to `n_fft` are filled up with zeros."""
        if self.computed:
            return self.computed(frames)
        if self.factored:
            spectrum = self._transform(frames)
        else:
            real, imaginary = ops.rfft(frames, fft_length=self.n_fft)
            spectrum = ops.square(real) + ops.square(imaginary)
        return ops.matmul(ops.sqrt(spectrum) if self.power == 1 else spectrum, self.filters)

    def _transform(self, frames):
        first, turn_real, turn_imaginary, second = self.kernels
        half, columns = turn_real.shape
        n, samples = frames.shape[1:]
        frames = ops.pad(frames, [[0, 0], [0, 0], [0, self.n_fft - samples]])
        by_column = ops.transpose(ops.reshape(frames, (-1, n, self.n_fft // columns, columns)), (0, 1, 3, 2))
        both = ops.transpose(ops.matmul(by_column, first), (0, 1, 3, 2))
        real, imaginary = both[:, :, :half], both[:, :, half:]
        turned = ops.concatenate(
            [real * turn_real - imaginary * turn_imaginary, real * turn_imaginary + imaginary * turn_real], axis=-1
        )
        squares = ops.square(ops.matmul(turned, second))
        return ops.reshape(squares[..., :columns] + squares[..., columns:], (-1, n, half * columns))


def _kernels(rows: int, columns: int) -> tuple[np.ndarray, ...]:
    """For sample r C + c and bin k + R l: over r, the rotation (k, c), and over c; k up to R / 2, as input is real."""
    row, column, half = np.arange(rows), np.arange(columns), np.arange(rows // 2 + 1)
    first = np.exp(-2j * np.pi * np.outer(row, half) / rows)
    turn = np.exp(-2j * np.pi * np.outer(half, column) / (rows * columns))
    second = np.exp(-2j * np.pi * np.outer(column, column) / columns)
    joined = np.block([[second.real, second.imag], [-second.imag, second.real]])
    return np.hstack([first.real, first.imag]), turn.real, turn.imag, joined


def _arranged(filters: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Rows of filters in the order (k, l) of the bins k + R l, which stand for bins N - k - R l, too; each once."""
    n_fft = rows * columns
    numbers = np.add.outer(np.arange(rows // 2 + 1), rows * np.arange(columns)).ravel()
    numbers = np.minimum(numbers, n_fft - numbers)
    arranged = np.zeros((len(numbers), filters.shape[1]))
    _, first = np.unique(numbers, return_index=True)
    arranged[first] = filters[numbers[first]]
    return arranged
