"""TFLite files as data: read, and written without what nothing uses; no TensorFlow is needed.

The format is a FlatBuffer; `ai_edge_litert` brings the classes of its schema.
"""

import struct

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ALIGNMENT = 16
"""Bytes; microcontrollers read constants where they lie."""


class _AlignedBuffer(schema.BufferT):
    """The generated class forgets what the schema asks for: data that begins at multiples of 16 bytes."""

    def __init__(self, data):
        super().__init__(data)

    def Pack(self, builder):
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
    """The model in a file's bytes.

    Raises:
        ValueError: if they are no TFLite model.
    """
    if len(content) < 8 or content[4:8] != b"TFL3":
        raise ValueError("not a TFLite file")
    try:
        return schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    except (struct.error, TypeError, IndexError, AttributeError):
        raise ValueError("a damaged TFLite file") from None


def pack(model: schema.ModelT) -> bytes:
    """The bytes of a model, without buffers and operator codes that nothing uses."""
    _drop_unused(model)
    model.buffers = [_AlignedBuffer(buffer.data) for buffer in model.buffers]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _drop_unused(model: schema.ModelT) -> None:
    """Buffers are numbered anew; the first is empty, as the format asks, and equal ones are kept once."""
    kept, content, renumbered = [schema.BufferT()], {}, {}

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

    codes, used = {}, []
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
