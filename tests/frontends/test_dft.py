"""All forms of the Fourier transform, against SciPy."""

import numpy as np
import pytest
import scipy.fft
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from kerasinst.frontends.dsp import filters
from kerasinst.frontends.dsp.dft import PowerSpectrum
from kerasinst.frontends.dsp.generated_tables import hann


@given(
    n_fft=st.integers(2, 600),
    dft=st.sampled_from(["rfft", "conv", "computed"]),
    power=st.sampled_from([1, 2]),
    data=st.data(),
)
@settings(max_examples=60)
def test_any_length_equals_scipy(n_fft, dft, power, data):
    length = data.draw(st.integers(1, n_fft))
    random = np.random.default_rng(n_fft)
    frames = random.standard_normal((2, 3, length))
    filters = random.random((n_fft // 2 + 1, 5))
    spectrum = PowerSpectrum(n_fft, filters, dft=dft, power=power, dtype="float64")
    expected = np.abs(scipy.fft.rfft(frames, n_fft)) ** power @ filters
    np.testing.assert_allclose(
        np.asarray(spectrum(ops.convert_to_tensor(frames, "float64"))), expected, rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize("n_fft", [256, 400, 1024, 2048])
def test_kernels_of_the_factored_form_are_small(n_fft):
    kernels = PowerSpectrum(n_fft, np.eye(n_fft // 2 + 1), dft="conv").kernels
    assert sum(kernel.size for kernel in kernels) < 12 * n_fft


@pytest.mark.parametrize("dft", ["rfft", "conv", "computed"])
def test_float32_is_as_near_as_float32_can_be(dft):
    frames = np.random.default_rng(0).standard_normal((1, 50, 1024)).astype("float32")
    expected = np.abs(scipy.fft.rfft(frames.astype("float64"))) ** 2
    spectrum = np.asarray(PowerSpectrum(1024, np.eye(513), dft=dft)(frames))
    np.testing.assert_allclose(spectrum, expected, atol=2e-6 * expected.max())


@given(n_fft=st.integers(64, 700), n_mels=st.integers(1, 40), htk=st.booleans(), power=st.sampled_from([1, 2]))
@settings(max_examples=40)
def test_computed_triangles_equal_librosa(n_fft, n_mels, htk, power):
    band = dict(sample_rate=16000, n_fft=n_fft, n_mels=n_mels, fmin=40.0, fmax=7600.0, htk=htk, norm="slaney")
    frames = np.random.default_rng(n_fft).standard_normal((1, 4, n_fft))
    computed = PowerSpectrum(n_fft, filters.mel_triangles(**band), dft="computed", power=power, dtype="float64")
    expected = np.abs(scipy.fft.rfft(frames)) ** power @ filters.mel(**band)
    np.testing.assert_allclose(
        np.asarray(computed(ops.convert_to_tensor(frames, "float64"))), expected, rtol=1e-9, atol=1e-12
    )


@given(n_fft=st.integers(8, 700), n_bins=st.integers(2, 40), scale=st.sampled_from(filters.SCALES))
@settings(max_examples=40)
def test_computed_triangles_reach_the_first_and_the_last_bin(n_fft, n_bins, scale):
    band = dict(n_fft=n_fft, n_bins=n_bins, fmin=10.0, fmax=8000.0)
    frames = np.random.default_rng(n_fft).standard_normal((1, 4, n_fft))
    triangles = filters.spaced_triangles(scale, 16000, **band)
    computed = PowerSpectrum(n_fft, triangles, dft="computed", dtype="float64")
    expected = np.abs(scipy.fft.rfft(frames)) ** 2 @ filters.spaced(scale, 16000, **band)
    np.testing.assert_allclose(
        np.asarray(computed(ops.convert_to_tensor(frames, "float64"))), expected, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("samples", [2, 7, 400, 2048])
def test_computed_windows_equal_scipy(samples):
    window = np.asarray(hann(ops.convert_to_tensor(np.ones((1, 1, samples)), "float64")))
    np.testing.assert_allclose(window, scipy.signal.get_window("hann", samples), atol=1e-12)
