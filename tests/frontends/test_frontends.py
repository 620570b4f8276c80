"""One contract over all front ends."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from conftest import few
from signals import RATE, SAMPLES, rounding

from kerasinst import frontends
from kerasinst.core.errors import BadInput
from kerasinst.core.registry import FRONTENDS

VARIANTS = [
    (name, options)
    for name in frontends.names()
    for options in ([dict(dft="rfft"), dict(dft="conv")] if "dft" in FRONTENDS.parameters(name) else [{}])
] + [
    ("mfcc", dict(preset="librosa", deltas=2)),
    ("mfcc", dict(deltas=2)),
    ("log_mel", dict(preset="panns")),
    ("log_mel", dict(preset="yamnet", dft="conv")),
    ("log_mel", dict(preset="audioset4")),
    ("log_mel", dict(power=1, pcen={}, dft="conv")),
    ("log_mel", dict(preset="librosa", dft="computed")),
    ("log_mel", dict(n_fft=1200, hop_length=400, htk=True, norm=None, dft="computed")),
    ("mfcc", dict(dft="computed")),
    ("log_mel", dict(n_fft=1024, hop_length=300, window=("kaiser", 8.6))),
    ("multi_stft", dict(pictures=[[2048, "mel"], [1024, "log"], [512, "linear"]])),
]


FEW = [
    pytest.param(*variant, marks=[] if place in (0, 1) or variant[0] != VARIANTS[place - 1][0] else pytest.mark.slow)
    for place, variant in enumerate(VARIANTS)
]
"""One of each front end in the default run, where each takes seconds to compile."""


def model_of(layer) -> keras.Model:
    inputs = keras.Input((SAMPLES,), batch_size=1)
    return keras.Model(inputs, layer(inputs))


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_every_front_end_keeps_the_contract(name, options, batch, tmp_path):
    layer = frontends.create(name, **options)
    pictures = np.asarray(layer(batch))
    assert layer.compute_output_shape(batch.shape) == pictures.shape == (len(batch), *layer.features_shape(SAMPLES))
    assert pictures.dtype == np.float32 and np.isfinite(pictures).all()
    assert len(layer.bins) == pictures.shape[2] and len(layer.channels) == pictures.shape[3]
    assert layer.bin_unit in ("Hz", "note", "coefficient") and layer.hop_length and layer.sample_rate
    assert set(FRONTENDS.parameters(name)) <= set(layer.get_config())
    again = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(again(batch), pictures)
    model_of(layer).save(tmp_path / "a.keras")
    loaded = keras.models.load_model(tmp_path / "a.keras", safe_mode=True)
    assert loaded.layers[-1].get_config() == layer.get_config()
    np.testing.assert_array_equal(loaded.layers[-1](batch), pictures)


@pytest.mark.parametrize(("name", "options"), FEW)
def test_compiled_is_the_same(name, options, batch):
    layer = frontends.create(name, **options)
    noise = batch[:1]
    plain = np.asarray(layer(noise))
    for jit_compile in (False, True):
        compiled = tf.function(layer, jit_compile=jit_compile)
        np.testing.assert_allclose(compiled(noise), plain, atol=1e-3)


@pytest.mark.parametrize(("name", "options"), FEW)
def test_tflite_is_the_same_with_built_in_operators_alone(name, options, waveforms):
    layer = frontends.create(name, **options)
    interpreter = Interpreter(model_content=tf.lite.TFLiteConverter.from_keras_model(model_of(layer)).convert())
    interpreter.allocate_tensors()
    operators = {operator["op_name"] for operator in interpreter._get_ops_details()}
    assert not any(operator.startswith(("Flex", "Custom")) for operator in operators)
    assert ("RFFT2D" in operators) == (
        options.get("dft", "rfft") == "rfft" and "dft" in layer.get_config() and _has_fft(layer)
    )
    for signal, waveform in waveforms.items():
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], waveform[None])
        interpreter.invoke()
        theirs = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        ours = np.asarray(layer(waveform[None]))
        # Another Fourier transform, other sines, or sums in another order round otherwise.
        how = options.get("dft", "rfft") if "dft" in layer.get_config() else "kernels"
        others = {"rfft": 1e-7, "conv": 1e-7, "computed": 1e-6, "kernels": 1e-7}[how]
        in_decibels = layer.bin_unit == "Hz" or name == "cqt"
        left_open = rounding(ours, others) if in_decibels else 0
        if signal in ("sweep", "tone") and {"pcen", "yamnet"} & {*options, options.get("preset")}:
            left_open = 1e-2  # not in decibels, with much made of what is 100 dB below them, where float32 ends
        assert (np.abs(theirs - ours) <= 1e-3 + left_open).all(), signal


def _has_fft(layer) -> bool:
    """TFLite's operator takes powers of 2 alone."""
    return getattr(layer, "n_fft", 1024) & (getattr(layer, "n_fft", 1024) - 1) == 0


@pytest.mark.parametrize(
    "dtype",
    few(
        ["float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"], ["float16", "mixed_bfloat16"]
    ),
)
@pytest.mark.parametrize("name", frontends.names())
def test_every_dtype_is_finite_and_near_float64(name, dtype, batch):
    layer = frontends.create(name, sample_rate=RATE, dtype=dtype)
    pictures = layer(batch[:4])
    assert keras.backend.standardize_dtype(pictures.dtype) == dtype.removeprefix("mixed_")
    pictures = np.asarray(keras.ops.cast(pictures, "float64"))
    assert np.isfinite(pictures).all()
    exact = np.asarray(frontends.create(name, sample_rate=RATE, dtype="float64")(batch[:4].astype("float64")))
    digits = {"float16": 2e-3, "bfloat16": 1e-2, "float32": 1e-6, "float64": 0}[dtype.removeprefix("mixed_")]
    loud = exact > exact.max() - 80
    np.testing.assert_allclose(pictures[loud], exact[loud], rtol=digits, atol=5e-3 if digits else 0)


@pytest.mark.parametrize("policy", few(["mixed_float16", "float16"], ["mixed_float16"]))
@pytest.mark.parametrize("name", frontends.names())
def test_a_global_policy_changes_no_picture(name, policy, batch):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        pictures = np.asarray(frontends.create(name, sample_rate=RATE)(batch))
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_array_equal(pictures, frontends.create(name, sample_rate=RATE)(batch))


@pytest.mark.parametrize("samples", [1, 3, 100, 2000])
@pytest.mark.parametrize("name", frontends.names())
def test_short_waveforms_work_or_are_refused(name, samples):
    layer = frontends.create(name, sample_rate=RATE)
    try:
        shape = frontends.features_shape(layer, samples)
    except BadInput as error:
        assert "longer segments" in str(error) or "lengthen segments" in str(error)
    else:
        assert layer(np.zeros((2, samples), "float32")).shape == (2, *shape)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("log_mel", dict(fmax=20000), "within half of 16000 Hz"),
        ("log_mel", dict(win_length=9999), "win_length=9999 must be from 1"),
        ("log_mel", dict(win_length=0), "win_length=0: input should be greater"),
        ("log_mel", dict(n_mels=0), "n_mels=0: input should be greater"),
        ("log_mel", dict(hop_length=2.5), "hop_length=2.5: input should be a valid integer"),
        ("log_mel", dict(norm="foo"), "norm='foo': input should be 'slaney'"),
        ("log_mel", dict(top_db="x"), "top_db='x': input should be a valid number"),
        ("log_mel", dict(top_db=float("nan")), "top_db=nan: input should be a finite number"),
        ("log_mel", dict(top_db=0), "top_db=0: input should be greater than 0"),
        ("log_mel", dict(center="maybe"), "center='maybe': input should be a valid boolean"),
        ("log_mel", dict(dft="fft"), "dft='fft': input should be 'rfft', 'conv' or 'computed'"),
        ("log_mel", dict(window="hanning window"), "window='hanning window'"),
        ("log_mel", dict(window=True), "window=True: input should be a valid string"),
        ("log_mel", dict(power=3), "power=3: input should be 1 or 2"),
        ("log_mel", dict(pcen=dict(gian=1)), "pcen.gian='gian': input should be 'gain'"),
        ("log_mel", dict(pcen=dict(bias=-1)), "pcen.bias=-1: input should be greater than 0"),
        ("log_mel", dict(pcen={}, top_db=80), "give one of them and top_db"),
        ("log_mel", dict(log_offset=0.1, top_db=80), "give one of them and top_db"),
        ("mfcc", dict(sample_rate=0), "sample_rate=0: input should be greater than or equal to 1000"),
        ("mfcc", dict(n_mfcc=40), "n_mfcc=40 must be at most n_mels=26"),
        ("mfcc", dict(hop_length=0), "hop_length=0: input should be greater"),
        ("mfcc", dict(preemphasis="a"), "preemphasis"),
        ("mfcc", dict(n_fft=128), "raise n_fft"),
        ("mfcc", dict(style="htk"), "style='htk': input should be 'python_speech_features' or 'librosa'"),
        ("mfcc", dict(deltas=3), "deltas=3: input should be 0, 1 or 2"),
        ("mfcc", dict(n_mel=26), "did you mean 'n_mels'"),
        ("multi_stft", dict(pictures=[[512, "bark"]]), "pictures.0.1='bark': input should be 'linear'"),
        ("multi_stft", dict(pictures=[[4096, "mel"]]), "no pair of one of win_lengths and one of scales"),
        ("multi_stft", dict(pictures=[]), "give at least one pair"),
        ("multi_stft", dict(win_lengths=[511]), "win_lengths.0=511: input should be a multiple of 2"),
        ("multi_stft", dict(fmin=0), "fmin=0: input should be greater than 0"),
        ("morlet", dict(fmax=9000), "within half of 16000 Hz"),
        ("morlet", dict(fmin=0), "fmin=0: input should be greater than 0"),
        ("morlet", dict(w0=float("inf")), "w0=inf: input should be"),
        ("cqt", dict(n_bins=200), "lower n_bins or fmin"),
        ("cqt", dict(fmin=-1), "fmin=-1: input should be greater than 0"),
        ("chroma", dict(tuning="low"), "tuning='low': input should be a valid number"),
        ("chroma", dict(n_fft=1), "n_fft=1: input should be greater"),
        ("mfc", {}, "did you mean 'mfcc'"),
    ],
)
def test_wrong_arguments_are_refused(name, options, message):
    with pytest.raises(BadInput, match=message):
        frontends.create(name, **{"sample_rate": 16000, **options})


def test_a_waveform_of_unknown_length_is_refused():
    with pytest.raises(ValueError, match="a fixed length"):
        frontends.create("log_mel").compute_output_shape((None, None))
