"""The power spectrum of frames, by one of three forms of the discrete Fourier transform.

- `rfft` is the backend's own transform, which becomes the operator RFFT2D in TFLite. RFFT2D takes powers of 2 alone, so
  `conv` replaces it for all other lengths, and training and device agree.
- `conv` needs no such operator. A transform of N = R C points is one of R points over every Cth sample, a rotation, and
  one of C points (Cooley and Tukey, 1965), so two products with small fixed matrices suffice. These hold a few thousand
  numbers, where a single matrix of sines and cosines would hold a million. TFLite is about twice as fast with them as
  with RFFT2D, and since it computes just what the training computed, features agree to the last bits.
- `computed` is `conv` with matrices that are computed from a few numbers each time. A model's file shrinks to a few kB,
  and each call takes a little longer.

Source: Cooley, J. W. and Tukey, J. W. (1965). An algorithm for the machine calculation of complex Fourier series.
"""

import numpy as np
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.frontends.dsp.filters import Triangles
from kerasinst.frontends.dsp.generated_tables import ComputedSpectrum
from kerasinst.frontends.dsp.validation import Form


class PowerSpectrum:
    """Power spectrum of real frames, multiplied by a matrix of filters.

    The transform of `conv` gives its bins in an order of its own, and some of them twice, so the rows of the matrix are
    put in that order.

    Args:
        n_fft: length of the transform, in samples; `conv` is fast if it has two factors of similar size.
        filters: matrix of shape `(n_fft // 2 + 1, n)`, from the bins of the transform to n filters; with
            `dft="computed"` it may also be `Triangles`.
        dft: form of the transform: "rfft", "conv" or "computed".
        power: 2 for power, 1 for magnitude.
        dtype: data type to compute in.

    Raises:
        TypeError: if `filters` are `Triangles` and `dft` is not "computed".

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
    ) -> None:
        self.n_fft = n_fft
        self.power = power
        self.factored = dft != "rfft" or bool(n_fft & (n_fft - 1))
        self.computed: ComputedSpectrum | None = None
        rows = min(factor for factor in range(1, n_fft + 1) if n_fft % factor == 0 and factor**2 >= n_fft)
        columns = n_fft // rows
        if dft == "computed":
            table = filters if isinstance(filters, Triangles) else _arranged(filters, rows, columns)
            self.computed = ComputedSpectrum(rows, columns, filters=table, power=power, dtype=dtype)
            return
        if isinstance(filters, Triangles):
            raise TypeError(f'filters: dft="{dft}" takes a matrix; Triangles are for dft="computed"')
        if self.factored:
            filters = _arranged(filters, rows, columns)
            self.kernels = tuple(kernel.astype(dtype) for kernel in _kernels(rows, columns))
        self.filters = filters.astype(dtype)

    def __call__(self, frames: Tensor) -> Tensor:
        """Computes the filtered spectrum of frames.

        Args:
            frames: frames of shape `(batch, frames, samples)`; they are followed by zeros up to `n_fft` samples.

        Returns:
            Power or magnitude of shape `(batch, frames, n)`.
        """
        if self.computed:
            return self.computed(frames)
        if self.factored:
            spectrum = self._transform(frames)
        else:
            real, imaginary = ops.rfft(frames, fft_length=self.n_fft)
            spectrum = ops.square(real) + ops.square(imaginary)
        return ops.matmul(ops.sqrt(spectrum) if self.power == 1 else spectrum, self.filters)

    def _transform(self, frames: Tensor) -> Tensor:
        """Computes the power spectrum by products with fixed matrices, its bins in the order of `_arranged`."""
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
    """Gives the matrices over r, the rotation of (k, c), and over c, for sample r C + c and bin k + R l, k <= R / 2."""
    row, column, half = np.arange(rows), np.arange(columns), np.arange(rows // 2 + 1)
    first = np.exp(-2j * np.pi * np.outer(row, half) / rows)
    turn = np.exp(-2j * np.pi * np.outer(half, column) / (rows * columns))
    second = np.exp(-2j * np.pi * np.outer(column, column) / columns)
    joined = np.block([[second.real, second.imag], [-second.imag, second.real]])
    return np.hstack([first.real, first.imag]), turn.real, turn.imag, joined


def _arranged(filters: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Puts the rows of filters in the order (k, l) of bins k + R l, which stand for N - k - R l, too; each once."""
    n_fft = rows * columns
    numbers = np.add.outer(np.arange(rows // 2 + 1), rows * np.arange(columns)).ravel()
    numbers = np.minimum(numbers, n_fft - numbers)
    arranged = np.zeros((len(numbers), filters.shape[1]))
    _, first = np.unique(numbers, return_index=True)
    arranged[first] = filters[numbers[first]]
    return arranged
