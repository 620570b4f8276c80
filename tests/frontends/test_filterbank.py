"""Morlet scalogram and constant-Q transform, against their formulas in float64."""

import librosa
import numpy as np
import pytest
import scipy.signal
from signals import RATE, heard

from kerasinst import frontends
from kerasinst.frontends.dsp.filterbank import group, starts_of


def reference(layer, waveform):
    """RMS magnitude over each hop, by SciPy's convolution of the whole waveform with every kernel, in float64."""
    n_frames = -(-len(waveform) // layer.hop_length)
    columns = []
    for kernel in layer.kernels():
        (part,) = group([kernel], layer.hop_length, overlap=layer.overlap, dtype="float64")
        whole = scipy.signal.oaconvolve(waveform.astype("float64"), kernel[::-1])
        at = np.array(starts_of(part, n_frames, hop_length=layer.hop_length)) + len(kernel) - 1
        found = np.where(at < len(whole), whole[np.minimum(at, len(whole) - 1)], 0)
        columns.append(np.sqrt(np.mean(np.abs(found.reshape(n_frames, -1)) ** 2, axis=1)))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("name", ["morlet", "cqt"])
def test_magnitudes_equal_a_float64_reference(waveforms, name):
    layer = frontends.create(name, sample_rate=RATE, log=False)
    in_decibels = frontends.create(name, sample_rate=RATE)
    for signal, waveform in waveforms.items():
        theirs = reference(layer, waveform)
        np.testing.assert_allclose(np.asarray(layer(waveform[None]))[0, ..., 0], theirs, atol=1e-5, err_msg=signal)
        levels = librosa.amplitude_to_db(theirs, ref=1.0, amin=1e-5, top_db=None)
        here = heard(levels)
        ours = np.asarray(in_decibels(waveform[None]))[0, ..., 0]
        np.testing.assert_allclose(ours[here], levels[here], atol=0.01, err_msg=signal)


@pytest.mark.parametrize("name", ["morlet", "cqt"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_computed_kernels_give_the_same_features(waveforms, name, dtype):
    batch = np.stack([waveform[: 2 * RATE] for waveform in waveforms.values() if len(waveform) >= 2 * RATE])
    stored, computed = (
        np.asarray(frontends.create(name, sample_rate=RATE, log=False, tables=tables, dtype=dtype)(batch))
        for tables in ("stored", "computed")
    )
    np.testing.assert_allclose(computed, stored, atol=1e-5)


def morlet2(n: int, scale: float, w0: float) -> np.ndarray:
    """The published formula of `scipy.signal.morlet2`, which SciPy 1.15 no longer has."""
    x = (np.arange(n) - (n - 1) / 2) / scale
    return np.exp(1j * w0 * x) * np.exp(-0.5 * x**2) * np.pi**-0.25 / np.sqrt(scale)


def test_wavelets_are_morlet_s():
    layer = frontends.create("morlet", sample_rate=RATE)
    for frequency, kernel in zip(layer.bins, layer.kernels(), strict=True):
        expected = morlet2(len(kernel), 6.0 * RATE / (2 * np.pi * frequency), 6.0)
        np.testing.assert_allclose(kernel / np.abs(kernel).max(), expected / np.abs(expected).max(), atol=1e-12)


@pytest.mark.parametrize("name", ["morlet", "cqt"])
@pytest.mark.parametrize("index", [20, 40, 60])
def test_a_sine_of_amplitude_1_has_0_db_in_its_bin(name, index):
    layer = frontends.create(name, sample_rate=RATE)
    frequency = layer.bins[index] if name == "morlet" else layer.frequencies[index]
    sine = np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)[None].astype("float32")
    levels = np.asarray(layer(sine))[0, 40, :, 0]
    assert levels.argmax() == index
    np.testing.assert_allclose(levels[index], 0, atol=0.01)


@pytest.mark.parametrize("name", ["morlet", "cqt"])
def test_mirror_images_do_not_reach_the_highest_bin(name):
    layer = frontends.create(name, sample_rate=8000)
    frequency = layer.bins[-1] if name == "morlet" else layer.frequencies[-1]
    sine = np.sin(2 * np.pi * frequency * np.arange(16000) / 8000)[None].astype("float32")
    np.testing.assert_allclose(np.asarray(layer(sine))[0, 15, -1, 0], 0, atol=0.11)


def test_no_click_is_missed_wherever_it_stands():
    layer = frontends.create("morlet", sample_rate=RATE)
    clicks = np.eye(512, 8192, 4096, dtype="float32")
    levels = np.asarray(layer(clicks))[:, 8, -16:, 0]
    assert np.ptp(levels.max(axis=1)) < 3.5  # at most half of it falls into the next frame


def test_a_chord_is_heard_as_its_notes():
    layer = frontends.create("cqt", sample_rate=RATE)
    assert layer.bins[:3] == ["C1", "C#1", "D1"]
    notes = ["C3", "E3", "G3", "B4"]
    seconds = np.arange(2 * RATE) / RATE
    chord = sum(0.2 * np.sin(2 * np.pi * librosa.note_to_hz(note) * seconds) for note in notes)
    levels = np.asarray(layer(chord[None].astype("float32")))[0, 40, :, 0]
    assert {layer.bins[index] for index in levels.argsort()[-4:]} == set(notes)


def test_a_hop_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match="hop_length=300 must be a power of 2"):
        frontends.create("morlet", sample_rate=RATE, hop_length=300)
