"""Converts a saved model to TFLite and scores examples with it, in the child process of `conversion`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasinst.tflite import int4
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.operators import kernels

if TYPE_CHECKING:
    import tensorflow as tf

FLOAT_OPERATORS = ("MEAN", "SQUARED_DIFFERENCE", "SQRT", "ADD", "CONCATENATION", "STRIDED_SLICE")
"""Operators in the pooling of means and deviations; eight bits are too coarse for their squares."""


def convert_and_score(folder: str, quantize: str, *, float_pooling: bool) -> None:
    """Converts the model in a folder, and scores examples with it.

    The folder holds `model/` (a SavedModel), `check.npy` and, for integers, `calibration.npy`. The function writes
    `model.tflite` and `scores.npy`.

    Args:
        folder: path of the folder.
        quantize: one of `conversion.QUANTIZATIONS`.
        float_pooling: let the operators of `FLOAT_OPERATORS` compute in floats.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # converters write pages about what they do
    place = Path(folder)
    content = convert(place, quantize, float_pooling=float_pooling)
    (place / "model.tflite").write_bytes(content)
    np.save(place / "scores.npy", TFLiteInterpreter(content).run(np.load(place / "check.npy")))


def convert(folder: Path, quantize: str, *, float_pooling: bool) -> bytes:
    """Converts the model in a folder.

    Args:
        folder: folder with the files that `convert_and_score` reads.
        quantize: one of `conversion.QUANTIZATIONS`.
        float_pooling: let the operators of `FLOAT_OPERATORS` compute in floats.

    Returns:
        The content of a `.tflite` file.
    """
    import tensorflow as tf

    if quantize == "int8":
        return _in_integers(folder, float_pooling)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "model"))
    if quantize == "none":
        return converter.convert()
    if quantize == "int4":
        return int4.quantize_int4(converter.convert(), np.load(folder / "calibration.npy"))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def _in_integers(folder: Path, float_pooling: bool) -> bytes:
    """Converts the model to integers, except for pooling of deviations, or else for scores with few weights.

    Scores that are rounded to 256 steps make labels equal that are nearly equally likely.
    """
    import tensorflow as tf

    calibration = np.load(folder / "calibration.npy")

    def examples() -> Iterator[list[np.ndarray]]:
        yield from ([example[None]] for example in calibration)

    def converter() -> "tf.lite.TFLiteConverter":
        made = tf.lite.TFLiteConverter.from_saved_model(str(folder / "model"))
        made.optimizations = [tf.lite.Optimize.DEFAULT]
        made.representative_dataset = examples
        made.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
        return made

    if float_pooling:
        floats = {"denylisted_ops": list(FLOAT_OPERATORS)}
    else:
        content = converter().convert()
        kind, name, size = (kernels(content) or [("none", "", 0)])[-1]
        if kind != "FULLY_CONNECTED" or size >= int4.LARGE:
            return content
        floats = {"denylisted_ops": ["SOFTMAX", "LOGISTIC"], "denylisted_nodes": [name]}
    options = tf.lite.experimental.QuantizationDebugOptions(**floats)
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter(), debug_dataset=examples, debug_options=options
    )
    return debugger.get_nondebug_quantized_model()
