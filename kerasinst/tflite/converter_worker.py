"""What a child process does for `conversion`: it converts a saved model to TFLite, and lets it score examples."""

import os
from pathlib import Path

import numpy as np

from kerasinst.tflite import int4
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.operators import kernels

FLOAT_OPERATORS = ("MEAN", "SQUARED_DIFFERENCE", "SQRT", "ADD", "CONCATENATION", "STRIDED_SLICE")
"""What pooling of means and deviations is made of; eight bits are too coarse for squares."""


def convert_and_score(folder: str, quantize: str, *, float_pooling: bool) -> None:
    """Reads `model/` (a SavedModel), `check.npy` and perhaps `calibration.npy`; writes `model.tflite`, `scores.npy`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # converters write pages about what they do
    place = Path(folder)
    content = convert(place, quantize, float_pooling=float_pooling)
    (place / "model.tflite").write_bytes(content)
    np.save(place / "scores.npy", TFLiteInterpreter(content).run(np.load(place / "check.npy")))


def convert(folder: Path, quantize: str, *, float_pooling: bool) -> bytes:
    """The model as TFLite; `quantize` is one of `conversion.QUANTIZATIONS`."""
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
    """With integers throughout, but for pooling of deviations, or else for scores where they have few weights.

    Scores that are rounded to 256 steps make labels alike that are nearly as likely.
    """
    import tensorflow as tf

    pictures = np.load(folder / "calibration.npy")

    def examples():
        yield from ([picture[None]] for picture in pictures)

    def converter():
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
