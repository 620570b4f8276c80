"""What a TFLite file costs: on disk, in memory and in time."""

import gzip
from typing import Any

from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.tflite.flatbuffer import nonzero_weights, operators
from kerasinst.tflite.memory import peak_arena


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
        "milliseconds": TFLiteModel(content).milliseconds(),
        "operators": operators(content),
    }
