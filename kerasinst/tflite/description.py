"""Writes what there is to know of a model into its TFLite file: for kerasinst as JSON, and as TFLite's own metadata."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasinst.tflite import metadata
from kerasinst.tflite.checksum import EMPTY, MARK, with_checksum
from kerasinst.tflite.flatbuffer import pack, unpack

NAME = "kerasinst"
"""Name of the description among the metadata."""


def with_description(content: bytes, about: Mapping[str, Any], *, card: Mapping[str, str] | None = None) -> bytes:
    """Writes facts about a model into its file, in place of earlier ones, and a checksum of the file.

    Args:
        content: content of a `.tflite` file.
        about: facts that JSON can hold, such as labels, sample rate and length of a segment.
        card: name, version, author, license and description of the model, for its metadata; None leaves these out.

    Returns:
        The content of the new file.
    """
    model = unpack(content)
    labels = about.get("labels", ())
    if card is not None:
        _write(model, metadata.NAME, metadata.metadata(sample_rate=about["sample_rate"], **card))
    _write(model, NAME, json.dumps({"checksum": EMPTY, **about}, ensure_ascii=False, separators=(",", ":")).encode())
    model.description = MARK
    packed = pack(model)
    return with_checksum(packed if card is None else metadata.with_labels(packed, labels))


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
            facts: dict[str, Any] = json.loads(bytes(np.asarray(model.buffers[each.buffer].data, np.uint8)))
            facts.pop("checksum", None)
            return facts
    return None


def _write(model: schema.ModelT, name: str, data: bytes) -> None:
    """Writes metadata of a name, in place of earlier ones."""
    model.buffers.append(schema.BufferT(data=np.frombuffer(data, np.uint8)))
    others = [each for each in model.metadata or [] if each.name != name.encode()]
    model.metadata = [*others, schema.MetadataT(name=name.encode(), buffer=len(model.buffers) - 1)]
