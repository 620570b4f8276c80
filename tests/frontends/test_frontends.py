"""Front ends: equal to librosa and python_speech_features, and one contract over all."""

import keras
import librosa
import numpy as np
import pytest
import python_speech_features

from kerasinst import frontends
from kerasinst.errors import BadInput
from kerasinst.registry import FRONTENDS

RATE = 22050


@pytest.fixture(scope="module")
def waveforms(phrases):
    """Instruments, noise, a click and a pure tone: `(n, 44100)`."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    return np.stack([*(waveform for waveform, _ in phrases[::3]), noise, np.eye(1, 2 * RATE, 20000)[0], tone]).astype(
        "float32"
    )


def test_mfcc_equals_python_speech_features_in_the_study_s_settings(waveforms):
    ours = np.asarray(frontends.create("mfcc", sample_rate=16000)(waveforms))
    assert ours.shape == (len(waveforms), 275, 13, 1)
    for waveform, cepstrum in zip(waveforms, ours, strict=True):
        np.testing.assert_allclose(cepstrum[..., 0], python_speech_features.mfcc(waveform), atol=1e-3)


def test_mfcc_equals_python_speech_features_in_other_settings(waveforms):
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
    theirs = python_speech_features.mfcc(
        waveforms[0], RATE, 0.025, 300 / RATE, 20, 40, 1024, 50, 8000, ceplifter=0, appendEnergy=False
    )
    np.testing.assert_allclose(np.asarray(layer(waveforms[:1]))[0, ..., 0], theirs, atol=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        dict(n_fft=2048, hop_length=512, n_mels=128),
        dict(n_fft=1024, hop_length=300, win_length=700, n_mels=64, fmin=50, fmax=8000, window="hamming"),
        dict(n_fft=512, hop_length=160, n_mels=40, center=False, htk=True, norm=None),
    ],
)
def test_log_mel_equals_librosa(waveforms, options):
    ours = np.asarray(frontends.create("log_mel", sample_rate=RATE, **options)(waveforms))
    for waveform, decibels in zip(waveforms, ours, strict=True):
        mel = librosa.feature.melspectrogram(y=waveform, sr=RATE, **options)
        theirs = librosa.power_to_db(mel, ref=1.0, top_db=None).T
        audible = theirs > max(-80, theirs.max() - 100)  # float32's range below a pure tone ends there
        np.testing.assert_allclose(decibels[..., 0][audible], theirs[audible], atol=0.01)


def test_top_db_equals_librosa(waveforms):
    ours = np.asarray(frontends.create("log_mel", sample_rate=RATE, top_db=40.0)(waveforms[:1]))[0, ..., 0]
    mel = librosa.feature.melspectrogram(y=waveforms[0], sr=RATE, n_fft=1024, hop_length=512)
    np.testing.assert_allclose(ours, librosa.power_to_db(mel, top_db=40.0).T, atol=0.01)


@pytest.mark.parametrize("name", frontends.names())
def test_every_front_end_keeps_the_contract(name, waveforms, tmp_path):
    layer = frontends.create(name, sample_rate=RATE, n_fft=1024)
    features = layer(waveforms[:2])
    assert layer.compute_output_shape(waveforms[:2].shape) == features.shape
    assert len(features.shape) == 4
    assert set(FRONTENDS.parameters(name)) <= set(layer.get_config())
    again = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(again(waveforms[:2]), features)
    inputs = keras.Input((2 * RATE,))
    keras.Model(inputs, layer(inputs)).save(tmp_path / "a.keras")
    loaded = keras.models.load_model(tmp_path / "a.keras", safe_mode=True)
    np.testing.assert_allclose(loaded.predict(waveforms[:2], verbose=0), features, atol=2e-3)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16", "float16"])
@pytest.mark.parametrize("name", frontends.names())
def test_silence_is_finite_under_every_dtype_policy(name, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        features = np.asarray(frontends.create(name, sample_rate=16000)(np.zeros((1, 16000), "float32")))
    finally:
        keras.config.set_dtype_policy(before)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("log_mel", dict(fmax=20000), "within half of 16000 Hz"),
        ("log_mel", dict(win_length=9999), "win_length=9999 must be from 1"),
        ("log_mel", dict(n_mels=0), "n_mels=0 must be a whole number"),
        ("mfcc", dict(n_mfcc=40), "n_mfcc=40 must be at most n_mels=26"),
        ("log_mel", dict(hop_length=2.5), "hop_length=2.5 must be a whole number"),
        ("log_mel", dict(norm="foo"), "norm='foo' must be"),
        ("log_mel", dict(top_db="x"), "top_db"),
        ("mfcc", dict(hop_length=-5), "hop_length=-5 must be a whole number"),
        ("mfcc", dict(preemphasis="a"), "preemphasis"),
        ("mfcc", dict(n_fft=128), "raise n_fft"),
        ("mfcc", dict(n_mel=26), "did you mean 'n_mels'"),
        ("mfc", {}, "did you mean 'mfcc'"),
    ],
)
def test_wrong_arguments_are_refused(name, options, message):
    with pytest.raises(BadInput, match=message):
        frontends.create(name, sample_rate=16000, **options)
