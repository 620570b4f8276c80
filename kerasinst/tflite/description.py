"""What a TFLite file says of itself: its labels, what it hears and what it was made of, in its metadata."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite.flatbuffer import pack, unpack

NAME = "kerasinst"
"""Of the metadata."""


def with_description(content: bytes, about: Mapping[str, Any]) -> bytes:
    """The same model with facts about it inside, such as its labels, in place of what was said before."""
    model = unpack(content)
    data = np.frombuffer(json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode(), np.uint8)
    model.buffers.append(schema.BufferT(data=data))
    others = [each for each in model.metadata or [] if each.name != NAME.encode()]
    model.metadata = [*others, schema.MetadataT(name=NAME.encode(), buffer=len(model.buffers) - 1)]
    return pack(model)


def description_of(content: bytes) -> dict[str, Any] | None:
    """What `with_description` put into a model; None if nothing."""
    model = unpack(content)
    for each in model.metadata or []:
        if each.name == NAME.encode():
            return json.loads(bytes(np.asarray(model.buffers[each.buffer].data, np.uint8)))
    return None
