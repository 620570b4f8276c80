"""Quantises a TFLite model of floats to weights of four bits, with litert-quantizer."""

import contextlib
import re
from typing import TYPE_CHECKING

import numpy as np

from kerasinst.tflite.flatbuffer import unpack
from kerasinst.tflite.operators import kernels

if TYPE_CHECKING:
    from litert_quantizer.qtyping import OpQuantizationConfig

LARGE = 1000
"""Smallest number of weights of kernels that get 4 bits per weight. Smaller kernels, and that of the scores, keep 8
bits, since they are a small part of a file, and each of their weights matters."""


def quantize_int4(content: bytes, examples: np.ndarray) -> bytes:
    """Quantises a model to integers, with two weights of its large kernels in a byte.

    Convolutions and dense layers compute in 8 bits, with a scale for each channel; all else stays in floats.

    Args:
        content: content of a `.tflite` file: a model of floats with one input and one output.
        examples: examples that show which values occur, shape `(examples, ...)`.

    Returns:
        The content of the new file.
    """
    from litert_quantizer.qtyping import TFLOperationName as Operation
    from litert_quantizer.quantizer import Quantizer

    quantizer = Quantizer(bytearray(content))
    for operation in (Operation.CONV_2D, Operation.DEPTHWISE_CONV_2D, Operation.FULLY_CONNECTED):
        quantizer.update_quantization_recipe(".*", operation, _with_weights_of(8))
    for operation, name in _large(content):
        quantizer.update_quantization_recipe(f"^{re.escape(name)};$", Operation[operation], _with_weights_of(4))
    (signature,) = unpack(content).signatureDefs
    (given,) = signature.inputs
    inputs = [{given.name.decode(): example[None]} for example in examples]
    seen = quantizer.calibrate({signature.signatureKey.decode(): inputs})
    with contextlib.redirect_stdout(None):  # it prints what it saved
        return bytes(quantizer.quantize(seen).quantized_model)


def _with_weights_of(bits: int) -> "OpQuantizationConfig":
    """Describes operators that compute in 8 bits, with weights of so many bits."""
    from litert_quantizer import qtyping

    weights = qtyping.TensorQuantizationConfig(bits, symmetric=True, granularity=qtyping.QuantGranularity.CHANNELWISE)
    computed = qtyping.TensorQuantizationConfig(8, symmetric=False)
    return qtyping.OpQuantizationConfig(computed, weights, qtyping.ComputePrecision.INTEGER)


def _large(content: bytes) -> list[tuple[str, str]]:
    """Lists the kinds of operators with large kernels, except for the last one, and the names of their outputs."""
    return [(kind, name) for kind, name, size in kernels(content)[:-1] if size >= LARGE]
