"""Log-mel spectrograms, against librosa and TensorFlow."""

import librosa
import numpy as np
import pytest
import tensorflow as tf
from signals import RATE, heard

from kerasinst import frontends
from kerasinst.core.errors import BadInput

SETTINGS = [
    dict(n_fft=2048, hop_length=512, n_mels=128),
    dict(n_fft=1024, hop_length=300, win_length=700, n_mels=64, fmin=50, fmax=8000, window="hamming"),
    dict(n_fft=512, hop_length=160, n_mels=40, center=False, htk=True, norm=None),
    dict(n_fft=1024, hop_length=320, n_mels=64, pad_mode="reflect", power=1),
]


def reference(waveform, sample_rate=RATE, top_db=None, **options):
    """What librosa gives, `(frames, n_mels)`."""
    mel = librosa.feature.melspectrogram(y=waveform, sr=sample_rate, **options)
    return librosa.power_to_db(mel, ref=1.0, top_db=top_db).T


@pytest.mark.parametrize("options", SETTINGS)
@pytest.mark.parametrize(("dft", "depth"), [("rfft", 90), ("conv", 80)])
def test_equals_librosa(waveforms, options, dft, depth):
    layer = frontends.create("log_mel", sample_rate=RATE, dft=dft, **options)
    for name, waveform in waveforms.items():
        theirs = reference(waveform, **options)
        here = heard(theirs, depth * options.get("power", 2) / 2)
        np.testing.assert_allclose(
            np.asarray(layer(waveform[None]))[0, ..., 0][here], theirs[here], atol=0.01, err_msg=name
        )


@pytest.mark.parametrize("options", SETTINGS)
def test_equals_librosa_down_to_silence_in_float64(waveforms, options):
    layer = frontends.create("log_mel", sample_rate=RATE, dtype="float64", **options)
    for name, waveform in waveforms.items():
        theirs = reference(waveform.astype("float64"), **options)
        ours = np.asarray(layer(waveform[None].astype("float64")))[0, ..., 0]
        np.testing.assert_allclose(ours, theirs, atol=1e-3, err_msg=name)


def test_top_db_equals_librosa(waveforms):
    for name, waveform in waveforms.items():
        ours = frontends.create("log_mel", sample_rate=RATE, top_db=40.0)(waveform[None])
        theirs = reference(waveform, n_fft=1024, hop_length=512, top_db=40.0)
        np.testing.assert_allclose(np.asarray(ours)[0, ..., 0], theirs, atol=0.01, err_msg=name)


@pytest.mark.parametrize(
    ("preset", "sample_rate", "options"),
    [
        ("librosa", RATE, dict(top_db=80.0)),
        ("audioset4", 16000, dict(n_fft=400, hop_length=200, n_mels=128)),
        ("panns", 32000, dict(n_fft=1024, hop_length=320, n_mels=64, fmin=50, fmax=14000, pad_mode="reflect")),
        ("panns_16k", 16000, dict(n_fft=512, hop_length=160, n_mels=64, fmin=50, fmax=8000, pad_mode="reflect")),
    ],
)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_presets_equal_librosa(waveforms, preset, sample_rate, options):
    layer = frontends.create("log_mel", preset=preset)
    assert layer.sample_rate == sample_rate
    for name, waveform in waveforms.items():
        theirs = reference(waveform, sample_rate, **options)
        here = heard(theirs, depth=80)
        np.testing.assert_allclose(
            np.asarray(layer(waveform[None]))[0, ..., 0][here], theirs[here], atol=0.01, err_msg=name
        )


def test_yamnet_preset_equals_its_authors_formula(waveforms):
    layer = frontends.create("log_mel", preset="yamnet", dtype="float64")
    matrix = tf.signal.linear_to_mel_weight_matrix(64, 257, 16000, 125.0, 7500.0, dtype=tf.float64)
    for name, waveform in waveforms.items():
        magnitude = tf.abs(tf.signal.stft(waveform.astype("float64"), 400, 160, 512))
        theirs = tf.math.log(tf.matmul(magnitude, matrix) + 0.001)
        np.testing.assert_allclose(layer(waveform[None])[0, ..., 0], theirs, atol=1e-5, err_msg=name)
    assert layer(np.zeros((1, 15600), "float32")).shape == (1, 96, 64, 1)


@pytest.mark.parametrize("pcen", [{}, dict(gain=0.8, bias=10.0, power=0.25, time_constant=0.06, eps=1e-6)])
def test_pcen_equals_librosa(waveforms, pcen):
    layer = frontends.create("log_mel", sample_rate=RATE, power=1, pcen=pcen, dtype="float64")
    for name, waveform in waveforms.items():
        mel = librosa.feature.melspectrogram(
            y=waveform.astype("float64"), sr=RATE, n_fft=1024, hop_length=512, power=1.0
        )
        theirs = librosa.pcen(mel * 2**31, sr=RATE, hop_length=512, **pcen).T
        ours = np.asarray(layer(waveform[None].astype("float64")))[0, ..., 0]
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4, err_msg=name)


def test_a_preset_may_be_changed_but_not_its_sample_rate():
    assert frontends.create("log_mel", preset="panns", n_mels=40).n_mels == 40
    with pytest.raises(BadInput, match=r"preset 'panns' is for 32000 Hz, not 22050: set audio.sample_rate"):
        frontends.create("log_mel", sample_rate=22050, preset="panns")
    with pytest.raises(BadInput, match="no preset 'pann'; did you mean 'panns'"):
        frontends.create("log_mel", preset="pann")


def test_bins_are_where_a_tone_is_loudest(waveforms):
    layer = frontends.create("log_mel", sample_rate=RATE, n_mels=64)
    loudest = np.asarray(layer(waveforms["tone"][None]))[0, 40, :, 0].argmax()
    assert layer.bins[loudest - 1] < 440 < layer.bins[loudest + 1]


def test_peak_normalization_undoes_a_gain_and_leaves_silence(waveforms):
    layer, plain = (frontends.create("log_mel", sample_rate=RATE, peak_normalize=yes) for yes in (True, False))
    waveform = next(each for each in waveforms.values() if np.abs(each).max() > 0.01)[None]
    loud = waveform / np.abs(waveform).max()
    ours, theirs = np.asarray(layer(0.01 * waveform)), np.asarray(plain(loud))
    here = heard(theirs, 80)
    np.testing.assert_allclose(ours[here], theirs[here], atol=0.01)
    silence = np.zeros_like(waveform)
    np.testing.assert_array_equal(np.asarray(layer(silence)), np.asarray(plain(silence)))
