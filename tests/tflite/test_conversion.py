"""Conversion in a child process, and what it compares."""

import os
import signal

import keras
import numpy as np
import pytest

from kerasinst import frontends, networks
from kerasinst.core.errors import BadInput, ConversionFailed
from kerasinst.features.scaling import Scaling
from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.tflite import conversion, packaging
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.joining import join
from kerasinst.tflite.operators import operators

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")
SAMPLES = 4000


@pytest.fixture(scope="module")
def model():
    """A model of raw audio that pools means and deviations; its scores vary as a trained one's do."""
    keras.utils.set_random_seed(3)
    frontend = frontends.create("log_mel", sample_rate=8000, n_fft=256, hop_length=128, n_mels=16, top_db=80.0)
    network = networks.create("strided", frontends.features_shape(frontend, SAMPLES), n_labels=3, width=0.3)
    scaling = Scaling("peak")
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    network(scaling(frontend(sounds(32))), training=True)
    return WaveformModel(
        frontend,
        scaling,
        network=network,
        labels=["a", "b", "c"],
        sample_rate=8000,
        segment_samples=SAMPLES,
        trim_db=40.0,
    )


def sounds(count):
    """Tones of many pitches and levels, with noise."""
    random = np.random.default_rng(0)
    seconds = np.arange(SAMPLES) / 8000
    pitches, levels = random.uniform(100, 3000, count), random.uniform(0.02, 0.9, count)
    tones = levels[:, None] * np.sin(2 * np.pi * pitches[:, None] * seconds)
    return (tones + 0.01 * random.standard_normal(tones.shape)).astype("float32")


@pytest.fixture(scope="module")
def pictures(model):
    return np.asarray(model.scaling(model.frontend(sounds(40))))


@pytest.fixture(scope="module")
def whole(model):
    return packaging.Packager(
        model.frontend,
        model.scaling,
        waveforms=sounds(16),
        description={**model.description, "review_below": 0.6},
    )


@pytest.mark.parametrize(
    ("quantize", "far"),
    [
        ("none", 1e-5),
        ("int8", 0.03),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (("float16", 2e-3), ("dynamic", 0.02), ("int4", 0.1))
        ),
    ],
)
def test_a_file_takes_raw_audio_and_says_what_the_model_says(model, whole, pictures, quantize, far):
    content, same = whole.file(model.network, quantize, calibration=pictures)
    lite = TFLiteModel(content)
    assert same["segments"] == 16 and (quantize != "none" or same["largest_score_difference"] < far)
    assert same["agreement"] == 1 or quantize.startswith("int")
    assert np.abs(lite.score(sounds(20)) - model.score(sounds(20))).mean() < far
    told = ("labels", "sample_rate", "segment_samples", "hop_samples", "trim_db", "quiet_db", "parameters")
    assert all(getattr(lite, name) == getattr(model, name) for name in told) and lite.review_below == 0.6
    assert ("QUANTIZE" in operators(content)) == quantize.startswith("int")
    assert not {"CUSTOM", "RFFT2D"} & set(operators(content))
    recording = np.concatenate([np.zeros(3000), sounds(1)[0], sounds(1)[0]]).astype("float32")
    np.testing.assert_array_equal(lite.starts(recording), model.starts(recording))


@pytest.mark.parametrize("name", ["cqt", "morlet", "multi_stft", "log_mel"])
def test_files_compute_the_tables_of_front_ends(name):
    frontend = frontends.create(name, sample_rate=8000)
    packager = packaging.Packager(frontend, None, waveforms=sounds(8), description={})
    np.testing.assert_allclose(TFLiteInterpreter(packager.front).run(sounds(8)), packager.features, atol=0.02)
    assert len(packager.front) < 100_000
    if "tables" in frontend.get_config():
        stored = packaging.feature_model(frontend, None, samples=SAMPLES)
        assert len(conversion.convert(stored, "none", check=sounds(2))) > 2 * len(packager.front)


def test_a_crash_is_an_error_message_and_the_next_conversion_works():
    with pytest.raises(ConversionFailed, match=r"the converter crashed \(SIGSEGV\)"):
        conversion.in_child(_die)
    assert conversion.in_child(sum, [1, 2]) == 3


def _die():
    os.kill(os.getpid(), signal.SIGSEGV)


def test_a_refusal_is_one_line():
    with pytest.raises(ConversionFailed, match="the converter refused: invalid literal") as told:
        conversion.in_child(int, "seven")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("n_labels", [5, 56, 527])
@pytest.mark.parametrize("quantize", conversion.QUANTIZATIONS)
def test_garbage_weights_are_caught(quantize, n_labels):
    random = np.random.default_rng(0)
    expected, garbage = (random.dirichlet([1.5 / n_labels] * n_labels, 60) for _ in range(2))
    conversion.verify(expected + 1e-4, expected, quantize=quantize)
    with pytest.raises(ConversionFailed, match="off"):
        conversion.verify(garbage, expected, quantize=quantize)
    with pytest.raises(ConversionFailed, match="off"):
        conversion.verify(np.where(expected > 0.9, np.nan, expected), expected, quantize=quantize)
    with pytest.raises(ConversionFailed, match="off"):
        conversion.verify(np.full_like(expected, 1 / n_labels), expected, quantize=quantize)
    if quantize not in conversion.NEAR:  # the collapse of a front end in integers: one answer for everything
        with pytest.raises(ConversionFailed, match="integers"):
            conversion.verify(np.tile(expected.mean(axis=0), (60, 1)), expected, quantize=quantize)


def test_integers_tell_labels_apart_that_are_nearly_as_likely():
    inputs = keras.Input((4,))
    network = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(keras.layers.Dense(8)(inputs)))
    kernel, bias = network.layers[-1].get_weights()
    kernel[:, 2], kernel[:, 1] = kernel[:, 0], -20 * kernel[:, 0]
    bias[2] += 0.004
    network.layers[-1].set_weights([kernel, bias])
    examples = np.random.default_rng(0).standard_normal((60, 4)).astype("float32")
    expected = np.asarray(network(examples)).argmax(axis=1)
    content = conversion.convert(network, "int8", check=examples, calibration=examples)
    scores = TFLiteInterpreter(content).run(examples)
    assert (expected == 2).mean() > 0.2 and (scores.argmax(axis=1) == expected).mean() > 0.9


def test_rounding_of_an_undecided_network_is_no_garbage():
    flat = 0.2 + 0.002 * np.random.default_rng(0).standard_normal((50, 5))
    conversion.verify(np.round(flat * 256) / 256, flat, quantize="int8")


def test_another_backend_is_named(monkeypatch, model, pictures):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(BadInput, match="not jax: unset KERAS_BACKEND"):
        conversion.convert(model.network, "none", check=pictures)


def test_scores_are_those_of_the_interpreter(model, pictures):
    content = conversion.convert(model.network, "none", check=pictures[:4])
    np.testing.assert_allclose(
        TFLiteInterpreter(content).run(pictures[:4]), model.network.predict(pictures[:4], verbose=0), atol=1e-6
    )


@pytest.mark.parametrize("quantize", ["none", "float16", "dynamic"])
def test_floats_compute_recurrent_layers_in_a_loop_and_join_any_front_end(quantize):
    network = networks.create(
        "sed_crnn", (64, 16, 1), n_labels=3, n_frames=32, filters=(4,), pool_bins=(4,), units=(8,)
    )
    pictures = np.random.default_rng(0).random((4, 64, 16, 1)).astype("float32")
    content = conversion.convert(network, quantize, check=pictures)
    assert "WHILE" in operators(content) and len(content) < 60_000
    doubling = keras.Sequential([keras.Input((64, 16, 1)), keras.layers.Rescaling(2.0)])
    joined = join(conversion.convert(doubling, "none", check=pictures), content)
    scores = TFLiteInterpreter(joined).run(pictures)
    np.testing.assert_allclose(scores, network.predict(2 * pictures, verbose=0), atol=2e-2)


def test_integers_are_refused_where_recurrent_layers_make_them_larger_than_floats():
    network = networks.create(
        "sed_crnn", (64, 16, 1), n_labels=3, n_frames=32, filters=(4,), pool_bins=(4,), units=(8,)
    )
    with pytest.raises(BadInput, match=r"int8: 64 steps would make the file larger than with floats, .* use dynamic"):
        conversion.convert(network, "int8", check=np.zeros((1, 64, 16, 1)), calibration=np.zeros((1, 64, 16, 1)))


def test_a_network_whose_integers_are_known_to_be_larger_is_refused_without_conversion(monkeypatch):
    monkeypatch.setattr(conversion, "_save", None)
    network = networks.create("crnn", (801, 128, 1), n_labels=4)
    with pytest.raises(BadInput, match=r"int8: 50 steps would make the file larger than with floats"):
        conversion.convert(network, "int8", check=np.zeros((1, 801, 128, 1)))


def test_integers_have_recurrent_layers_written_out():
    keras.utils.set_random_seed(0)
    network = networks.create("crnn", (12, 8, 1), n_labels=3, filters=(4,), units=(128,))
    pictures = np.random.default_rng(0).random((24, 12, 8, 1)).astype("float32")
    content = conversion.convert(network, "int8", check=pictures[:8], calibration=pictures)
    expected = network.predict(pictures, verbose=0)
    assert np.abs(TFLiteInterpreter(content).run(pictures) - expected).max() < 0.05
    assert not {"WHILE", "CUSTOM"} & set(operators(content))
    assert len(content) < len(conversion.convert(network, "none", check=pictures[:1]))


@pytest.mark.slow
def test_integers_that_turn_out_larger_than_floats_are_refused():
    network = networks.create("gru", (20, 130, 1), n_labels=5, units=(128,))
    for weight in network.weights:
        if "bias" in weight.path:  # biases of 0 leave a gate unused, and its tensors floats
            weight.assign(0.1 * np.random.default_rng(1).standard_normal(weight.shape))
    pictures = np.random.default_rng(0).random((8, 20, 130, 1)).astype("float32")
    with pytest.raises(BadInput, match=r"int8: [\d,]+ bytes, where floats take [\d,]+, since .* use dynamic"):
        conversion.convert(network, "int8", check=pictures, calibration=pictures)


def test_files_are_made_of_front_ends_with_very_quiet_bands():
    sample_rate = 16000
    seconds = np.arange(sample_rate) / sample_rate
    pitches = np.random.default_rng(0).uniform(100, 1000, 8)[:, None]
    waveforms = 0.5 * np.sin(2 * np.pi * pitches * seconds) + 1e-5 * np.random.default_rng(1).standard_normal(
        (8, sample_rate)
    )
    waveforms = waveforms.astype("float32")
    frontend = frontends.create("log_mel", sample_rate=sample_rate, n_fft=1024, hop_length=512, n_mels=64, top_db=None)
    scaling = Scaling("standardize")
    scaling.adapt(np.asarray(frontend(waveforms)))
    packager = packaging.Packager(frontend, scaling, waveforms=waveforms, description={})
    network = networks.create("strided", packager.features.shape[1:], n_labels=3, width=0.3)
    _, fidelity = packager.file(network, "none")
    assert fidelity["largest_score_difference"] < 1e-3


def test_how_far_numbers_may_be_off_can_be_given():
    expected = np.linspace(0, 1, 40).reshape(8, 5)
    conversion.verify(expected + 0.01, expected, quantize="none", near=0.02)
    for near in (None, 0.0, 0.005):
        with pytest.raises(ConversionFailed, match=r"up to 0\.01 off"):
            conversion.verify(expected + 0.01, expected, quantize="none", near=near)
