"""How much memory a TFLite model needs for what it computes, besides its constants."""

import math

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import unpack

ALIGNMENT = 64
"""Bytes at multiples of which TFLite lets tensors begin."""
SIZES = {
    schema.TensorType.FLOAT64: 8, schema.TensorType.INT64: 8, schema.TensorType.COMPLEX64: 8,
    schema.TensorType.FLOAT32: 4, schema.TensorType.INT32: 4, schema.TensorType.UINT32: 4,
    schema.TensorType.FLOAT16: 2, schema.TensorType.INT16: 2,
    schema.TensorType.INT4: 0.5,
}  # fmt: skip
"""Bytes of a value; all other types have 1."""


def peak_arena(content: bytes) -> int:
    """Bytes that the tensors of a model's main graph need at most at one time, each where TFLite's planner puts it.

    Tensors that are needed at different times may lie in the same place. The largest are placed first, each at the
    lowest place that is free while it is needed. What operators need within themselves, and what a delegate keeps,
    comes on top.

    Args:
        content: of a `.tflite` file.

    Example:
        >>> peak_arena(Path("runs/quickstart/export/model.tflite").read_bytes())
        1048576

    Source: Pisarchyk and Lee, Efficient memory management for deep neural net inference (2020), greedy by size.
    """
    model = unpack(content)
    graph = model.subgraphs[0]
    last = len(graph.operators) - 1
    lives: dict[int, list[int]] = {int(index): [0, last] for index in graph.inputs}
    for step, operator in enumerate(graph.operators):
        for index in [*(operator.outputs if operator.outputs is not None else ())]:
            lives.setdefault(int(index), [step, step])
        for index in operator.inputs if operator.inputs is not None else ():
            if int(index) in lives:
                lives[int(index)][1] = max(lives[int(index)][1], step)
    for index in graph.outputs:
        lives[int(index)][1] = last
    sizes = {index: _bytes(graph.tensors[index]) for index in lives}
    placed: list[tuple[int, int, int, int]] = []
    for index in sorted(lives, key=lambda index: (-sizes[index], lives[index])):
        begin, end = lives[index]
        place = 0
        for where, size, its_begin, its_end in sorted(placed):
            if its_begin <= end and begin <= its_end and where < place + sizes[index]:
                place = max(place, where + size)
        placed.append((place, sizes[index], begin, end))
    return max((place + size for place, size, _, _ in placed), default=0)


def _bytes(tensor) -> int:
    values = int(np.prod(tensor.shape)) if tensor.shape is not None and len(tensor.shape) else 1
    return ALIGNMENT * math.ceil(values * SIZES.get(tensor.type, 1) / ALIGNMENT)
