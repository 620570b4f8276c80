"""From Keras to TFLite, in a child process, and never without a comparison of what both say."""

import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from loky import BrokenProcessPool, ProcessPoolExecutor

from kerasinst.core.errors import BadInput, ConversionFailed
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling
from kerasinst.tflite.converter_worker import convert_and_score

QUANTIZATIONS = ("none", "float16", "dynamic", "int8", "int4", "trained")
"""Of weights and, in the last three, of what is computed with them: as calibration finds, or as training simulated."""
NEAR = {"none": 1e-3, "float16": 2e-2}
"""How far scores may be from the model's own, at most; relative to the largest, where they are larger than 1."""
RECURRENT = (keras.layers.GRU, keras.layers.LSTM, keras.layers.SimpleRNN)
COARSE = 0.1
"""How far all scores of an example together may be off where integers compute: a twentieth goes to wrong labels. Or by
half a step of 256 each, if that is more, or by half of what examples differ in; broken conversions are off by all.
"""
_children: list[ProcessPoolExecutor] = []
"""The child that is there, if one is; the next conversion uses it, too."""


def convert(
    model: Any,
    quantize: str,
    *,
    check: np.ndarray,
    calibration: np.ndarray | None = None,
    expected: np.ndarray | None = None,
) -> bytes:
    """Converts a model of one input and one output, for one example at a time, and compares both on `check`.

    Args:
        model: a Keras model, or one of tf_keras whose training simulated integers.
        quantize: one of `QUANTIZATIONS`.
        check: `(n, ...)`, what both are given.
        calibration: `(n, ...)`, training examples that show "int8" and "int4" which values occur.
        expected: what the model gives for `check`; None lets it compute that.

    Raises:
        BadInput: if the backend is not TensorFlow, or "int4" is asked of recurrent layers.
        ConversionFailed: if the converter crashes or refuses, or what it made does not say what the model says.
    """
    if keras.backend.backend() != "tensorflow":
        raise BadInput(f"TFLite is made from TensorFlow, not {keras.backend.backend()}: unset KERAS_BACKEND")
    if quantize == "int4" and any(isinstance(layer, RECURRENT) for layer in getattr(model, "layers", ())):
        raise BadInput("int4: a network with recurrent layers cannot have weights of four bits; use int8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _save(model, folder / "model")
        pooling = any(isinstance(layer, StatisticsPooling) for layer in getattr(model, "layers", ()))
        np.save(folder / "check.npy", np.asarray(check, np.float32))
        if calibration is not None:
            np.save(folder / "calibration.npy", np.asarray(calibration, np.float32))
        in_child(partial(convert_and_score, str(folder), quantize, float_pooling=pooling))
        content, scores = (folder / "model.tflite").read_bytes(), np.load(folder / "scores.npy")
    if expected is None:
        expected = np.asarray(model.predict(check, verbose=0))
    verify(scores, expected, quantize=quantize)
    return content


def verify(scores: np.ndarray, expected: np.ndarray, *, quantize: str) -> None:
    """Compares what a converted model says with what the model said, both `(n, ...)`.

    Raises:
        ConversionFailed: if they differ by more than rounding, or, with integers, by much more than their steps.
    """
    scores, expected = scores.reshape(len(scores), -1), expected.reshape(len(expected), -1)
    difference = float(np.abs(scores - expected).max()) if np.isfinite(scores).all() else np.inf
    allowed = NEAR.get(quantize, np.inf) * max(1.0, float(np.abs(expected).max()))
    if not difference <= allowed or not np.isfinite(difference):
        raise ConversionFailed(f"scores of the converted model are up to {difference:.3g} off, {allowed:.3g} allowed")
    off, spread = (np.abs(each - expected).sum(axis=1).mean() for each in (scores, expected.mean(axis=0)))
    if quantize not in NEAR and off > max(COARSE, expected.shape[1] / 512, spread / 2):
        raise ConversionFailed(
            f"scores of integers are {off:.3f} off on average, where they differ by {spread:.3f} from example to "
            "example: calibrate with more training data, or quantise less"
        )


def _save(model: Any, path: Path) -> None:
    """Writes a SavedModel for one example at a time, which gives the smallest graph."""
    import tensorflow as tf

    shape = (1, *model.input_shape[1:])
    if not isinstance(model, keras.Model):

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
        def serve(features):
            return model(features, training=False)

        module = tf.Module()
        module.model, module.serve = model, serve
        tf.saved_model.save(module, str(path), signatures=serve)
        return
    model = _unrolled(model)
    archive = keras.export.ExportArchive()
    archive.track(model)
    # `model.export` would leave the number of examples open, and shapes to be computed on the device.
    signature = [tf.TensorSpec(shape, tf.float32)]
    archive.add_endpoint("serve", lambda features: model(features, training=False), input_signature=signature)
    archive.write_out(str(path), verbose=False)


def _unrolled(model: keras.Model) -> keras.Model:
    """The same model with its recurrent layers written out, step by step: converters have no loop that fits them."""
    if not any(isinstance(layer, RECURRENT) for layer in model.layers):
        return model

    def written_out(layer):
        config = layer.get_config()
        return type(layer).from_config({**config, "unroll": True} if isinstance(layer, RECURRENT) else config)

    unrolled = keras.models.clone_model(model, clone_function=written_out)
    unrolled.set_weights(model.get_weights())
    return unrolled


def in_child(work: Callable, *arguments: Any) -> Any:
    """Lets a child process work, so that a crash ends the child alone.

    Raises:
        ConversionFailed: if the work ends in an error, or the child in a crash.
    """
    if not _children:
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        _children.append(ProcessPoolExecutor(max_workers=1, timeout=60, env=quiet))
    try:
        return _children[0].submit(work, *arguments).result()
    except BrokenProcessPool as error:
        _children.clear()
        died = re.search(r"SIG[A-Z]+", str(error))
        crashed = f"crashed ({died.group()})" if died else "crashed"
        raise ConversionFailed(f"the converter {crashed}: quantise less, or change the network") from None
    except Exception as error:  # whatever a converter raises
        lines = str(error).strip().splitlines() or [type(error).__name__]
        wrong = next((line for line in lines if "error" in line.lower()), lines[0])
        raise ConversionFailed(f"the converter refused: {wrong.strip()[:300]}") from None
