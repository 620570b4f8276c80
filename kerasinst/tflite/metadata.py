"""Writes the metadata by which TFLite's own libraries, such as MediaPipe's, know what a model hears and says."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import flatbuffers.number_types
import flatbuffers.packer
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers.table import Table

NAME = "TFLITE_METADATA"
"""Name of the metadata in the model."""
IDENTIFIER = b"M001"
"""First bytes of the metadata, after four others."""
PARSER = "1.3.0"
"""Version of the format that knows what audio is."""
LABELS = "labels.txt"
"""Name of the file of labels, which is in a zip archive behind the model."""
WHOLE_NUMBERS = {np.uint8: flatbuffers.Builder.PrependUint8Slot, np.uint32: flatbuffers.Builder.PrependUint32Slot}
AXIS_LABELS, ANY_FEATURES, AUDIO = np.uint8(2), np.uint8(1), np.uint8(4)
"""Numbers of the format: what a file of labels is for, and what the content of a tensor is."""


@dataclass(frozen=True)
class AudioInput:
    """What metadata say of the input of a model.

    Attributes:
        sample_rate: sample rate in Hz, or None if nothing says that it is audio.
        channels: number of channels, or None.
    """

    sample_rate: int | None = None
    channels: int | None = None


def metadata(*, sample_rate: int, name: str, description: str, version: str, author: str, license: str) -> bytes:
    """Writes the metadata of a model from mono waveforms to scores of the labels in `labels.txt`.

    Args:
        sample_rate: sample rate of the waveform in Hz.
        name: name of the model.
        description: what the model does, in a sentence.
        version: version of the model.
        author: who made it; empty if unknown.
        license: its licence; empty if unknown.

    Returns:
        A FlatBuffer. The same arguments give the same bytes.

    Source: metadata_schema.fbs of TensorFlow Lite Support; the numbers of fields below are its order.
    """
    audio = {0: np.uint32(sample_rate), 1: np.uint32(1)}
    waveform = {0: "waveform", 3: {0: AUDIO, 1: audio}}
    labels = {0: LABELS, 2: AXIS_LABELS}
    scores = {0: "scores", 3: {0: ANY_FEATURES, 1: {}}, 6: [labels]}
    graph = {2: [waveform], 3: [scores]}
    model = {0: name, 1: description, 2: version, 3: [graph], 4: author or None, 5: license or None, 7: PARSER}
    builder = flatbuffers.Builder(512)
    builder.Finish(_written(builder, model), IDENTIFIER)
    return bytes(builder.Output())


def with_labels(content: bytes, labels: Sequence[str]) -> bytes:
    """Appends the file of labels to a model, as a zip archive.

    Args:
        content: content of a `.tflite` file without an archive.
        labels: labels in the order of scores.
    """
    file, entry = io.BytesIO(content), zipfile.ZipInfo(LABELS)  # of 1 January 1980
    entry.create_system = 3  # the same on Windows
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(entry, "".join(f"{label}\n" for label in labels))
    return file.getvalue()


def audio_input(model: schema.ModelT) -> AudioInput | None:
    """Reads what the metadata of a model say of its first input.

    Args:
        model: model of any origin, as `flatbuffer.unpack` gives it.

    Returns:
        What they say, or None if there are none.
    """
    for each in model.metadata or []:
        if each.name == NAME.encode():
            data = bytearray(np.asarray(model.buffers[each.buffer].data, np.uint8))
            root = Table(data, flatbuffers.encode.Get(flatbuffers.packer.uoffset, data, 0))
            for graph in _tables(root, 3):
                for tensor in _tables(graph, 2):
                    return _audio(tensor)
            return AudioInput()
    return None


def _audio(tensor: Table) -> AudioInput:
    """Reads what the metadata of a tensor say of audio."""
    content = _field(tensor, 3)
    if content is None or content.GetSlot(4, 0, flatbuffers.number_types.Uint8Flags) != AUDIO:
        return AudioInput()
    properties = _field(content, 1)
    if properties is None:
        return AudioInput()
    rate, channels = (properties.GetSlot(4 + 2 * place, 0, flatbuffers.number_types.Uint32Flags) for place in (0, 1))
    return AudioInput(rate, channels)


def _field(table: Table, place: int) -> Table | None:
    """Gives the table in a field of a table, or None."""
    offset = table.Offset(4 + 2 * place)
    return Table(table.Bytes, table.Indirect(table.Pos + offset)) if offset else None


def _tables(table: Table, place: int) -> Iterator[Table]:
    """Yields the tables in a field of a table."""
    offset = table.Offset(4 + 2 * place)
    for number in range(table.VectorLen(offset) if offset else 0):
        yield Table(table.Bytes, table.Indirect(table.Vector(offset) + 4 * number))


def _written(builder: flatbuffers.Builder, value: Any) -> int:
    """Writes a text, a list of tables or a table, whose keys are the numbers of its fields; gives its offset."""
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, list):
        offsets = [_written(builder, each) for each in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()
    return _table(builder, {place: field for place, field in value.items() if field is not None})


def _table(builder: flatbuffers.Builder, fields: Mapping[int, Any]) -> int:
    """Writes a table, after what it refers to."""
    offsets = {place: _written(builder, field) for place, field in fields.items() if type(field) not in WHOLE_NUMBERS}
    builder.StartObject(max(fields, default=-1) + 1)
    for place, field in fields.items():
        if place in offsets:
            builder.PrependUOffsetTRelativeSlot(place, offsets[place], 0)
        else:
            WHOLE_NUMBERS[type(field)](builder, place, int(field), 0)
    return builder.EndObject()
