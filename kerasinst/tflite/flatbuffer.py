"""TFLite files as data: joined, made smaller, described and counted, without TensorFlow.

The format is a FlatBuffer; `ai_edge_litert` brings the classes of its schema.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ALIGNMENT = 16
"""Bytes; microcontrollers read constants where they lie."""
ABOUT = "kerasinst"
"""Name of the metadata that tells what the model hears and says."""
QUANTIZED = {
    schema.TensorType.INT4: 2,
    schema.TensorType.INT8: 1,
    schema.TensorType.UINT8: 1,
}
"""Types of whole numbers that stand for weights, and how many lie in a byte."""
FLOATS = {schema.TensorType.FLOAT32: "<f4", schema.TensorType.FLOAT16: "<f2"}


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


def join(first: bytes, second: bytes) -> bytes:
    """One model of two: what the first gives is what the second takes.

    Each may have been converted as suits it, such as a front end in floats and a network in integers; whatever turns
    floats into integers is part of the second. Names are dropped, since they can be a quarter of a small file.

    Args:
        first: a TFLite model with one input and one output.
        second: one whose only input has the shape and the type of that output.

    Raises:
        ValueError: if they do not fit.
    """
    one, other = unpack(first), unpack(second)
    head, tail = one.subgraphs[0], other.subgraphs[0]
    if len(head.outputs) != 1 or len(tail.inputs) != 1:
        raise ValueError(f"{len(head.outputs)} outputs cannot be joined to {len(tail.inputs)} inputs, only 1 to 1")
    gives, takes = head.tensors[head.outputs[0]], tail.tensors[tail.inputs[0]]
    if _shape(gives) != _shape(takes) or gives.type != takes.type:
        raise ValueError(f"{_shape(gives)} cannot be joined to {_shape(takes)}, or they are of two types")
    tensors, n_buffers, n_codes = len(head.tensors), len(one.buffers), len(one.operatorCodes)
    n_subgraphs = len(one.subgraphs) - 1
    for number, subgraph in enumerate(other.subgraphs):
        for tensor in subgraph.tensors:
            tensor.buffer += n_buffers
        for operator in subgraph.operators:
            operator.opcodeIndex += n_codes
            _shift_subgraphs(operator.builtinOptions, n_subgraphs)
            if number == 0:
                for name in ("inputs", "outputs", "intermediates"):
                    _shift_tensors(operator, name, tensors, {tail.inputs[0]: head.outputs[0]})
    head.tensors += tail.tensors
    head.operators += tail.operators
    head.outputs = [tensors + index for index in tail.outputs]
    one.subgraphs += other.subgraphs[1:]
    one.buffers += other.buffers
    one.operatorCodes += other.operatorCodes
    return pack(_plain(one))


def _shape(tensor) -> list[int]:
    return [int(size) for size in tensor.shape]


def _shift_tensors(operator, name: str, by: int, replaced: Mapping[int, int]) -> None:
    indexes = getattr(operator, name)
    if indexes is not None:
        shifted = [replaced.get(int(index), int(index) + by) if index >= 0 else -1 for index in indexes]
        setattr(operator, name, shifted)


def _shift_subgraphs(options, by: int) -> None:
    """Loops and conditions name the subgraphs of their parts."""
    for name in vars(options) if options else ():
        if name.lower().endswith("subgraphindex"):
            setattr(options, name, getattr(options, name) + by)


def _plain(model: schema.ModelT) -> schema.ModelT:
    """The same model with one signature, `waveform` to `scores`, and nothing else in it that has a name."""
    for number, subgraph in enumerate(model.subgraphs):
        subgraph.name = b"main" if number == 0 else None
        for tensor in subgraph.tensors:
            tensor.name = tensor.shapeSignature = None
            if tensor.quantization is not None:
                tensor.quantization.min = tensor.quantization.max = None  # what calibration saw
                if tensor.quantization.scale is None or not len(tensor.quantization.scale):
                    tensor.quantization = None
        for operator in subgraph.operators:
            for name in ("intermediates", "mutatingVariableInputs", "customOptions"):
                if getattr(operator, name) is not None and not len(getattr(operator, name)):
                    setattr(operator, name, None)
    main = model.subgraphs[0]
    pairs = {"inputs": (b"waveform", main.inputs[0]), "outputs": (b"scores", main.outputs[0])}
    signature = schema.SignatureDefT(signatureKey=b"serving_default", subgraphIndex=0)
    for side, (name, index) in pairs.items():
        main.tensors[index].name = name
        setattr(signature, side, [schema.TensorMapT(name=name, tensorIndex=int(index))])
    model.signatureDefs = [signature]
    model.description = b"kerasinst"
    model.metadata = [each for each in model.metadata or [] if each.name == b"min_runtime_version"]
    return model


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


def describe(content: bytes, about: Mapping[str, Any]) -> bytes:
    """The same model with facts about it inside, such as its labels, in place of what was said before."""
    model = unpack(content)
    data = np.frombuffer(json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode(), np.uint8)
    model.buffers.append(schema.BufferT(data=data))
    others = [each for each in model.metadata or [] if each.name != ABOUT.encode()]
    model.metadata = [*others, schema.MetadataT(name=ABOUT.encode(), buffer=len(model.buffers) - 1)]
    return pack(model)


def description(content: bytes) -> dict[str, Any] | None:
    """What `describe` put into a model; None if nothing."""
    model = unpack(content)
    for each in model.metadata or []:
        if each.name == ABOUT.encode():
            return json.loads(bytes(np.asarray(model.buffers[each.buffer].data, np.uint8)))
    return None


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


def kernels(content: bytes) -> list[tuple[str, str, int]]:
    """Convolutions and dense layers, in order: the kind of each, the name of what it gives, and its kernel's size."""
    model = unpack(content)
    graph, found = model.subgraphs[0], []
    kinds = {getattr(schema.BuiltinOperator, name): name for name in ("CONV_2D", "FULLY_CONNECTED")}
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        if kind := kinds.get(max(code.builtinCode, code.deprecatedBuiltinCode)):
            size = int(np.prod(graph.tensors[operator.inputs[1]].shape))
            found.append((kind, graph.tensors[operator.outputs[0]].name.decode(), size))
    return found


def operators(content: bytes) -> list[str]:
    """Names of the built-in operators that a model uses, in order, each once; custom ones by their own name."""
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    found = []
    for code in unpack(content).operatorCodes:
        builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
        found.append(code.customCode.decode() if code.customCode else names[builtin])
    return list(dict.fromkeys(found))
