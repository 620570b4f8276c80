"""Weights of four bits in place of eight, which litert-quantizer makes of a TFLite model of floats."""

import contextlib
import re

import numpy as np

from kerasinst.tflite.flatbuffer import unpack
from kerasinst.tflite.operators import kernels

LARGE = 1000
"""Kernels of fewer numbers keep 8 bits each, as scores do; they are little of a file, and each number counts."""


def quantize_int4(content: bytes, examples: np.ndarray) -> bytes:
    """The same model in integers, with two weights of its large kernels in a byte.

    Convolutions and dense layers compute in 8 bits, with a scale for each channel; all else stays in floats.

    Args:
        content: a TFLite model of floats with one input and one output.
        examples: `(n, ...)`, which show what values occur.
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
    examples = [{given.name.decode(): example[None]} for example in examples]
    seen = quantizer.calibrate({signature.signatureKey.decode(): examples})
    with contextlib.redirect_stdout(None):  # it prints what it saved
        return bytes(quantizer.quantize(seen).quantized_model)


def _with_weights_of(bits: int):
    from litert_quantizer import qtyping

    weights = qtyping.TensorQuantizationConfig(bits, symmetric=True, granularity=qtyping.QuantGranularity.CHANNELWISE)
    computed = qtyping.TensorQuantizationConfig(8, symmetric=False)
    return qtyping.OpQuantizationConfig(computed, weights, qtyping.ComputePrecision.INTEGER)


def _large(content: bytes) -> list[tuple[str, str]]:
    """Kinds of the operators with large kernels, but for the last, and the names of what they give."""
    return [(kind, name) for kind, name, size in kernels(content)[:-1] if size >= LARGE]
