"""What a TFLite file costs: on disk, in memory and in time."""

import gzip
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import unpack
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.memory import peak_arena
from kerasinst.tflite.operators import operators

FLOATS = {schema.TensorType.FLOAT32: "<f4", schema.TensorType.FLOAT16: "<f2"}


def costs(content: bytes) -> dict[str, Any]:
    """Bytes as they are and compressed by gzip, weights that are not zero, operators, arena and milliseconds.

    Milliseconds are the median from the waveform of a segment to its scores, on one thread of this machine; the peak
    arena is in bytes, see `peak_arena`.

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
    """How many numbers other than zero its constants with two or more dimensions hold; whole numbers count from their
    zero point. Biases and fixed tables of one dimension are left out.
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
