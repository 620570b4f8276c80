"""Converts models of Keras to TFLite in a child process, and compares the scores of both."""

import os
import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import keras
import numpy as np
from loky import BrokenProcessPool, ProcessPoolExecutor

from kerasinst.core.errors import BadInput, ConversionFailed, suggest
from kerasinst.core.worker_pools import begin_worker
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling
from kerasinst.tflite.converter_worker import convert_and_score

QUANTIZATIONS = ("none", "float16", "dynamic", "int8", "int4", "trained")
"""Ways to store weights. In the last three, integers also compute, as calibration or training has found them."""
NEAR = {"none": 1e-3, "float16": 2e-2}
"""Largest difference from the scores of the model, as a multiple of the largest score if that is above 1."""
RECURRENT = (keras.layers.GRU, keras.layers.LSTM, keras.layers.SimpleRNN, keras.layers.Bidirectional)
"""Recurrent layers. Floats compute them in a loop; integers have none, so that their steps are written out."""
STEP_BYTES, UNIT_BYTES = 4500, 82
"""Bytes of one step of a gated recurrent layer in integers, and of each of its units in a step, at least. Where these
alone outweigh what the weights would save, no conversion is tried, which can take minutes."""
WRITTEN_OUT = (
    "integers have recurrent layers written out step by step; use dynamic, whose weights have eight bits, or a network "
    "without such layers, such as sed_tcn"
)
"""Explains why files with recurrent layers are large as integers, and what to use."""
COARSE = 0.1
"""Largest mean difference of all scores of an example together if integers compute. Half a step of 256 for each score,
or half of what examples differ by, is allowed if that is more. Broken conversions differ by far more."""
_children: list[ProcessPoolExecutor] = []
"""The child process, if there is one; the next conversion uses it, too."""

Result = TypeVar("Result")


def convert(
    model: Any,
    quantize: str,
    *,
    check: np.ndarray,
    calibration: np.ndarray | None = None,
    expected: np.ndarray | None = None,
    near: float | None = None,
) -> bytes:
    """Converts a model of one input and one output, which takes one example at a time, and checks its scores.

    Args:
        model: model of Keras, or of tf_keras if its training simulated integers.
        quantize: one of `QUANTIZATIONS`.
        check: examples on which both models are compared, shape `(examples, ...)`.
        calibration: training examples that show "int8" and "int4" which values occur, shape `(examples, ...)`.
        expected: scores of the model for `check`; None computes them.
        near: see `verify`.

    Returns:
        The content of a `.tflite` file.

    Raises:
        BadInput: if the backend is not TensorFlow, or the model has recurrent layers of which "int4" makes no file, or
            "int8" a larger one than floats.
        ConversionFailed: if the converter crashes or refuses, or the scores of both models differ.
        ValueError: if there is no such quantization.
    """
    if quantize not in QUANTIZATIONS:
        raise ValueError(f"quantize='{quantize}': {suggest(quantize, QUANTIZATIONS)}")
    if keras.backend.backend() != "tensorflow":
        raise BadInput(f"TFLite is made from TensorFlow, not {keras.backend.backend()}: unset KERAS_BACKEND")
    refuse_recurrent(model, quantize)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _save(_unrolled(model) if quantize == "int8" else model, folder / "model")
        pooling = any(isinstance(layer, StatisticsPooling) for layer in getattr(model, "layers", ()))
        np.save(folder / "check.npy", np.asarray(check, np.float32))
        if calibration is not None:
            np.save(folder / "calibration.npy", np.asarray(calibration, np.float32))
        in_child(partial(convert_and_score, str(folder), quantize, float_pooling=pooling))
        content, scores = (folder / "model.tflite").read_bytes(), np.load(folder / "scores.npy")
    if expected is None:
        expected = np.asarray(model.predict(check, verbose=0))
    verify(scores, expected, quantize=quantize, near=near)
    if quantize == "int8" and _recurrent(model):
        floats = len(convert(model, "none", check=check[:1]))
        if len(content) >= floats:
            raise BadInput(f"int8: {len(content):,} bytes, where floats take {floats:,}, since {WRITTEN_OUT}")
    return content


def refuse_recurrent(model: Any, quantize: str) -> None:
    """Refuses integers where recurrent layers make them impossible, or larger than floats.

    Args:
        model: network that is to be converted.
        quantize: one of `QUANTIZATIONS`.

    Raises:
        BadInput: if it is to be converted so.
    """
    layers = _recurrent(model)
    steps = sum(count for count, _ in layers)
    if layers and quantize == "int4":
        raise BadInput("int4: a network with recurrent layers cannot have weights of four bits; use dynamic")
    gated = ((count, layer.units) for count, layer in layers if isinstance(layer, keras.layers.GRU | keras.layers.LSTM))
    written_out = sum(count * (STEP_BYTES + UNIT_BYTES * units) for count, units in gated)
    if quantize == "int8" and written_out > 3 * model.count_params():
        raise BadInput(f"int8: {steps} steps would make the file larger than with floats, since {WRITTEN_OUT}")


def verify(scores: np.ndarray, expected: np.ndarray, *, quantize: str, near: float | None = None) -> None:
    """Compares the scores of a converted model with those of the model.

    Args:
        scores: scores of the converted model, shape `(examples, ...)`.
        expected: scores of the model, in the same shape.
        quantize: one of `QUANTIZATIONS`, which says how large differences may be.
        near: largest difference, as a multiple of the largest score if that is above 1; None is that of `NEAR`.

    Raises:
        ConversionFailed: if the scores differ by more than rounding, or, with integers, by much more than their steps.
    """
    scores, expected = scores.reshape(len(scores), -1), expected.reshape(len(expected), -1)
    difference = float(np.abs(scores - expected).max()) if np.isfinite(scores).all() else np.inf
    near = NEAR.get(quantize, np.inf) if near is None else near
    allowed = near * max(1.0, float(np.abs(expected).max()))
    if not difference <= allowed or not np.isfinite(difference):
        raise ConversionFailed(f"scores of the converted model are up to {difference:.3g} off, {allowed:.3g} allowed")
    off, spread = (np.abs(each - expected).sum(axis=1).mean() for each in (scores, expected.mean(axis=0)))
    if quantize not in NEAR and off > max(COARSE, expected.shape[1] / 512, spread / 2):
        raise ConversionFailed(
            f"scores of integers are {off:.3f} off on average, where they differ by {spread:.3f} from example to "
            "example: calibrate with more training data, or quantise less"
        )


def _save(model: Any, path: Path) -> None:
    """Writes a SavedModel that takes one example at a time, which gives the smallest graph."""
    import tensorflow as tf

    shape = (1, *model.input_shape[1:])
    if not isinstance(model, keras.Model):

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
        def serve(features: Any) -> Any:
            return model(features, training=False)

        module = tf.Module()
        module.model, module.serve = model, serve
        tf.saved_model.save(module, str(path), signatures=serve)
        return
    archive = keras.export.ExportArchive()
    archive.track(model)
    # `model.export` would leave the number of examples open, and shapes to be computed on the device.
    signature = [tf.TensorSpec(shape, tf.float32)]
    archive.add_endpoint("serve", lambda features: model(features, training=False), input_signature=signature)
    archive.write_out(str(path), verbose=False)


def _recurrent(model: Any) -> list[tuple[int, Any]]:
    """Lists recurrent layers with the number of their steps, those in both directions twice."""
    found = [layer for layer in getattr(model, "layers", ()) if isinstance(layer, RECURRENT)]
    return [
        (2 * layer.input.shape[1], layer.forward_layer)
        if isinstance(layer, keras.layers.Bidirectional)
        else (layer.input.shape[1], layer)
        for layer in found
    ]


def _unrolled(model: Any) -> Any:
    """Writes recurrent layers out step by step, since integers have no loop."""
    if not any(isinstance(layer, RECURRENT) for layer in getattr(model, "layers", ())):
        return model

    def written_out(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.layers.Bidirectional):
            config["layer"]["config"]["unroll"] = True
            config.pop("backward_layer", None)
        elif isinstance(layer, RECURRENT):
            config["unroll"] = True
        return type(layer).from_config(config)

    unrolled = keras.models.clone_model(model, clone_function=written_out)
    unrolled.set_weights(model.get_weights())
    return unrolled


def in_child(work: Callable[..., Result], *arguments: Any) -> Result:
    """Calls a function in a child process, so that a crash ends only the child.

    Args:
        work: function that can be pickled.
        *arguments: its arguments.

    Returns:
        The result of the function.

    Raises:
        ConversionFailed: if the function raises an error, or the child crashes.
    """
    if not _children:
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        about = (os.getpid(), False)
        _children.append(ProcessPoolExecutor(1, timeout=60, env=quiet, initializer=begin_worker, initargs=about))
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
