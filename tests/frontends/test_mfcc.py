"""Cepstral coefficients, against python_speech_features and librosa."""

import librosa
import numpy as np
import pytest
import python_speech_features
from signals import RATE

from kerasinst import frontends


@pytest.mark.parametrize("dft", ["rfft", "conv"])
def test_equals_python_speech_features_in_the_study_s_settings(waveforms, dft):
    layer = frontends.create("mfcc", sample_rate=16000, dft=dft)
    for name, waveform in waveforms.items():
        ours = np.asarray(layer(waveform[None]))
        assert ours.shape == (1, 275, 13, 1)
        np.testing.assert_allclose(ours[0, ..., 0], python_speech_features.mfcc(waveform), atol=1e-3, err_msg=name)


def test_equals_python_speech_features_in_other_settings(waveforms):
    layer = frontends.create(
        "mfcc",
        sample_rate=RATE,
        n_mfcc=20,
        n_mels=40,
        n_fft=1024,
        hop_length=300,
        fmin=50,
        fmax=8000,
        lifter=0,
        energy=False,
    )
    for name, waveform in waveforms.items():
        theirs = python_speech_features.mfcc(
            waveform, RATE, 0.025, 300 / RATE, 20, 40, 1024, 50, 8000, ceplifter=0, appendEnergy=False
        )
        np.testing.assert_allclose(np.asarray(layer(waveform[None]))[0, ..., 0], theirs, atol=1e-3, err_msg=name)


@pytest.mark.parametrize("dft", ["rfft", "conv"])
@pytest.mark.parametrize("options", [{}, dict(n_mfcc=13, n_mels=40, n_fft=1024, fmax=8000.0, lifter=22)])
def test_equals_librosa(waveforms, options, dft):
    layer = frontends.create("mfcc", sample_rate=RATE, preset="librosa", dft=dft, **options)
    lift = 1 + options.get("lifter", 0) / 2  # it enlarges differences as it does coefficients
    for name, waveform in waveforms.items():
        theirs = librosa.feature.mfcc(y=waveform, sr=RATE, **options).T
        np.testing.assert_allclose(np.asarray(layer(waveform[None]))[0, ..., 0], theirs, atol=1e-3 * lift, err_msg=name)


def test_deltas_equal_librosa(waveforms):
    layer = frontends.create("mfcc", sample_rate=RATE, preset="librosa", deltas=2)
    assert layer.channels == ["coefficients", "deltas", "double deltas"]
    for name, waveform in waveforms.items():
        ours = np.asarray(layer(waveform[None]))[0]
        theirs = librosa.feature.mfcc(y=waveform, sr=RATE)
        for order in (1, 2):
            slope = librosa.feature.delta(theirs, order=order).T
            np.testing.assert_allclose(ours[..., order], slope, atol=1e-3, err_msg=name)


def test_deltas_equal_python_speech_features(waveforms):
    layer = frontends.create("mfcc", sample_rate=16000, deltas=2)
    for name, waveform in waveforms.items():
        ours = np.asarray(layer(waveform[None]))[0]
        slope = python_speech_features.delta(python_speech_features.mfcc(waveform), 2)
        np.testing.assert_allclose(ours[..., 1], slope, atol=1e-3, err_msg=name)
        np.testing.assert_allclose(ours[..., 2], python_speech_features.delta(slope, 2), atol=1e-3, err_msg=name)
