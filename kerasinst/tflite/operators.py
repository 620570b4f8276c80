"""Lists the operators of a TFLite model and their kernels."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import unpack


def kernels(content: bytes) -> list[tuple[str, str, int]]:
    """Lists convolutions and dense layers in order.

    Args:
        content: content of a `.tflite` file.

    Returns:
        For each operator its kind, the name of its output, and the number of weights in its kernel.
    """
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
    """Lists the operators that a model uses, in order, each once.

    Args:
        content: content of a `.tflite` file.

    Returns:
        Names of the built-in operators, and the own names of custom ones.
    """
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    found = []
    for code in unpack(content).operatorCodes:
        builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
        found.append(code.customCode.decode() if code.customCode else names[builtin])
    return list(dict.fromkeys(found))
