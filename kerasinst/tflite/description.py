"""Writes a description of a model into the metadata of its TFLite file: labels, what it hears, and how it was made."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import pack, unpack

NAME = "kerasinst"
"""Name of the metadata."""


def with_description(content: bytes, about: Mapping[str, Any]) -> bytes:
    """Writes facts about a model into its file, in place of earlier ones.

    Args:
        content: content of a `.tflite` file.
        about: facts that JSON can hold, such as labels and sample rate.

    Returns:
        The content of the new file.
    """
    model = unpack(content)
    data = np.frombuffer(json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode(), np.uint8)
    model.buffers.append(schema.BufferT(data=data))
    others = [each for each in model.metadata or [] if each.name != NAME.encode()]
    model.metadata = [*others, schema.MetadataT(name=NAME.encode(), buffer=len(model.buffers) - 1)]
    return pack(model)


def description_of(content: bytes) -> dict[str, Any] | None:
    """Reads the facts that `with_description` wrote.

    Args:
        content: content of a `.tflite` file.

    Returns:
        The facts, or None if there are none.
    """
    model = unpack(content)
    for each in model.metadata or []:
        if each.name == NAME.encode():
            return json.loads(bytes(np.asarray(model.buffers[each.buffer].data, np.uint8)))
    return None
