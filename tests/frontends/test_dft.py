"""Both forms of the Fourier transform, against SciPy."""

import numpy as np
import pytest
import scipy.fft
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from kerasinst.frontends.dft import PowerSpectrum


@given(n_fft=st.integers(2, 600), dft=st.sampled_from(["rfft", "conv"]), power=st.sampled_from([1, 2]), data=st.data())
@settings(deadline=None, max_examples=60)
def test_any_length_equals_scipy(n_fft, dft, power, data):
    length = data.draw(st.integers(1, n_fft))
    random = np.random.default_rng(n_fft)
    frames = random.standard_normal((2, 3, length))
    filters = random.random((n_fft // 2 + 1, 5))
    spectrum = PowerSpectrum(n_fft, filters, dft, power, dtype="float64")
    expected = np.abs(scipy.fft.rfft(frames, n_fft)) ** power @ filters
    np.testing.assert_allclose(
        np.asarray(spectrum(ops.convert_to_tensor(frames, "float64"))), expected, rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize("n_fft", [256, 400, 1024, 2048])
def test_kernels_of_the_factored_form_are_small(n_fft):
    kernels = PowerSpectrum(n_fft, np.eye(n_fft // 2 + 1), "conv").kernels
    assert sum(kernel.size for kernel in kernels) < 12 * n_fft


@pytest.mark.parametrize("dft", ["rfft", "conv"])
def test_float32_is_as_near_as_float32_can_be(dft):
    frames = np.random.default_rng(0).standard_normal((1, 50, 1024)).astype("float32")
    expected = np.abs(scipy.fft.rfft(frames.astype("float64"))) ** 2
    spectrum = np.asarray(PowerSpectrum(1024, np.eye(513), dft)(frames))
    np.testing.assert_allclose(spectrum, expected, atol=2e-6 * expected.max())
