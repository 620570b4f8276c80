"""Joins two TFLite models to one."""

from collections.abc import Mapping
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import pack, unpack


def join(first: bytes, second: bytes) -> bytes:
    """Joins two models: the second one takes the output of the first one.

    Each may have been converted in its own way, such as a front end in floats and a network in integers. Whatever turns
    floats into integers is part of the second model. Names are dropped, since they can be a quarter of a small file.

    Args:
        first: content of a `.tflite` file with one output.
        second: content of a `.tflite` file whose only input has the shape and the type of that output.

    Returns:
        The content of a `.tflite` file with the input `waveform` and the output `scores`.

    Raises:
        ValueError: if the two models do not fit.
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


def _shape(tensor: schema.TensorT) -> list[int]:
    """Gives the shape of a tensor."""
    return [int(size) for size in tensor.shape]


def _shift_tensors(operator: schema.OperatorT, name: str, by: int, replaced: Mapping[int, int]) -> None:
    """Renumbers the tensors that an operator names in one of its lists."""
    indexes = getattr(operator, name)
    if indexes is not None:
        shifted = [replaced.get(int(index), int(index) + by) if index >= 0 else -1 for index in indexes]
        setattr(operator, name, shifted)


def _shift_subgraphs(options: Any, by: int) -> None:
    """Renumbers the subgraphs that the options of loops and conditions name."""
    for name in vars(options) if options else ():
        if name.lower().endswith("subgraphindex"):
            setattr(options, name, getattr(options, name) + by)


def _plain(model: schema.ModelT) -> schema.ModelT:
    """Gives a model one signature, `waveform` to `scores`, and drops all other names."""
    for number, subgraph in enumerate(model.subgraphs):
        subgraph.name = b"main" if number == 0 else None
        for tensor in subgraph.tensors:
            tensor.name = None
            if number == 0:  # loops are told which sizes are open
                tensor.shapeSignature = None
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
    for side, (tensor_name, index) in pairs.items():
        main.tensors[index].name = tensor_name
        setattr(signature, side, [schema.TensorMapT(name=tensor_name, tensorIndex=int(index))])
    model.signatureDefs = [signature]
    model.description = b"kerasinst"
    model.metadata = [each for each in model.metadata or [] if each.name == b"min_runtime_version"]
    return model
