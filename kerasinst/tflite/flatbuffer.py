"""Reads TFLite files, and writes them without unused parts; TensorFlow is not needed.

The format is a FlatBuffer. The classes of its schema come from `ai_edge_litert`.
"""

import struct

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ALIGNMENT = 16
"""Number of bytes at multiples of which constants begin, since microcontrollers read them in place."""


class _AlignedBuffer(schema.BufferT):
    """A buffer that is aligned as the schema asks, which the generated class forgets."""

    def __init__(self, data: np.ndarray | bytes | None):
        super().__init__(data)

    def Pack(self, builder: flatbuffers.Builder) -> int:
        """Writes the buffer, and gives its offset."""
        data = None
        if self.data is not None:
            content = bytes(np.asarray(self.data, np.uint8))
            builder.StartVector(1, len(content), ALIGNMENT)
            builder.head -= len(content)
            builder.Bytes[builder.head : builder.head + len(content)] = content
            data = builder.EndVector()
        schema.BufferStart(builder)
        if data is not None:
            schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


def unpack(content: bytes) -> schema.ModelT:
    """Reads a model.

    Args:
        content: content of a `.tflite` file.

    Raises:
        ValueError: if it is not a TFLite model.
    """
    if len(content) < 8 or content[4:8] != b"TFL3":
        raise ValueError("not a TFLite file")
    try:
        return schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    except (struct.error, TypeError, IndexError, AttributeError):
        raise ValueError("a damaged TFLite file") from None


def pack(model: schema.ModelT) -> bytes:
    """Writes a model, without unused buffers and operator codes.

    Args:
        model: model as `unpack` gives it; it is changed.

    Returns:
        The content of a `.tflite` file.
    """
    _drop_unused(model)
    model.buffers = [_AlignedBuffer(buffer.data) for buffer in model.buffers]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _drop_unused(model: schema.ModelT) -> None:
    """Renumbers buffers and operator codes; the first buffer is empty, as the format asks; equal ones are joined."""
    kept = [schema.BufferT()]
    content: dict[bytes, int] = {}
    renumbered: dict[int, int] = {}

    def number(index: int) -> int:
        if index not in renumbered:
            data = model.buffers[index].data
            key = None if data is None or not len(data) else bytes(np.asarray(data, np.uint8))
            if key is None:
                renumbered[index] = 0
            elif key in content:
                renumbered[index] = content[key]
            else:
                renumbered[index] = content[key] = len(kept)
                kept.append(model.buffers[index])
        return renumbered[index]

    codes: dict[tuple[int | bytes | None, ...], int] = {}
    used: list[schema.OperatorCodeT] = []
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            tensor.buffer = number(tensor.buffer)
        for operator in subgraph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            key = (code.builtinCode, code.deprecatedBuiltinCode, code.customCode, code.version)
            if key not in codes:
                codes[key] = len(used)
                used.append(code)
            operator.opcodeIndex = codes[key]
    for each in model.metadata or []:
        each.buffer = number(each.buffer)
    model.buffers, model.operatorCodes, model.metadataBuffer = kept, used, None
