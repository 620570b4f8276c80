"""Computes how much memory the tensors of a TFLite model need, besides its constants."""

import math

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import unpack

ALIGNMENT = 64
"""Number of bytes at multiples of which TFLite lets tensors begin."""
SIZES = {
    schema.TensorType.FLOAT64: 8, schema.TensorType.INT64: 8, schema.TensorType.COMPLEX64: 8,
    schema.TensorType.FLOAT32: 4, schema.TensorType.INT32: 4, schema.TensorType.UINT32: 4,
    schema.TensorType.FLOAT16: 2, schema.TensorType.INT16: 2,
    schema.TensorType.INT4: 0.5,
}  # fmt: skip
"""Number of bytes of a value of each type; all other types have 1."""


def peak_arena(content: bytes) -> int:
    """Computes the largest number of bytes that the tensors of a model's main graph need at one time.

    Tensors that are needed at different times may share a place. As in TFLite's planner, the largest tensors are placed
    first, each at the lowest place that is free while it is needed. The memory of operators and delegates comes on top.

    Args:
        content: content of a `.tflite` file.

    Example:
        >>> peak_arena(Path("runs/quickstart/export/model.tflite").read_bytes())
        1048576

    Source: Pisarchyk and Lee, Efficient memory management for deep neural net inference (2020), greedy by size.
    """
    graph = unpack(content).subgraphs[0]
    lives = _lives(graph)
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


def _lives(graph: schema.SubGraphT) -> dict[int, list[int]]:
    """Finds the first and the last operator that need each tensor of a graph."""
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
    return lives


def _bytes(tensor: schema.TensorT) -> int:
    """Computes the aligned size of a tensor in bytes."""
    values = int(np.prod(tensor.shape)) if tensor.shape is not None and len(tensor.shape) else 1
    return ALIGNMENT * math.ceil(values * SIZES.get(tensor.type, 1) / ALIGNMENT)
