"""Measures what a TFLite file costs: on disk, in memory and in time."""

import gzip
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import unpack
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.memory import peak_arena
from kerasinst.tflite.operators import operators

FLOATS = {schema.TensorType.FLOAT32: "<f4", schema.TensorType.FLOAT16: "<f2"}
"""Types of floats, and their names in NumPy."""


def costs(content: bytes) -> dict[str, Any]:
    """Measures the size, the memory and the time of a model.

    Args:
        content: content of a `.tflite` file.

    Returns:
        bytes, gzip_bytes (compressed by gzip), nonzero_weights, peak_arena (in bytes, see `peak_arena`), milliseconds
        (median time from the waveform of a segment to its scores, on one thread of this machine) and operators.

    Example:
        >>> costs(Path("runs/quickstart/export/model.tflite").read_bytes())["bytes"]
        62712
    """
    return {
        "bytes": len(content),
        "gzip_bytes": len(gzip.compress(content, mtime=0)),
        "nonzero_weights": nonzero_weights(content),
        "peak_arena": peak_arena(content),
        "milliseconds": TFLiteInterpreter(content).milliseconds(),
        "operators": operators(content),
    }


def nonzero_weights(content: bytes) -> int:
    """Counts the weights of a model that are not zero.

    Weights are constants with two or more dimensions, without biases and tables of one dimension.

    Args:
        content: content of a `.tflite` file.
    """
    model, total = unpack(content), 0
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            data = model.buffers[tensor.buffer].data
            if data is None or tensor.shape is None or len(tensor.shape) < 2:
                continue
            raw = np.asarray(data, np.uint8)
            if tensor.type in FLOATS:
                total += int(np.count_nonzero(raw.view(FLOATS[tensor.type])))
            elif tensor.type == schema.TensorType.INT4:
                total += int(np.count_nonzero(raw & 15) + np.count_nonzero(raw >> 4))
            elif tensor.type == schema.TensorType.INT8:
                total += int(np.count_nonzero(raw))
    return total
