"""Faults that keep a file from working somewhere: each is planted, found, and named with its cure."""

from pathlib import Path

import flatbuffers
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from kerasinst import export
from kerasinst.deployment.checks import check
from kerasinst.tflite import flatbuffer, metadata
from kerasinst.tflite.description import description_of, with_description

OLD = Path(__file__).parents[1] / "data" / "version-0.1" / "run" / "compressed" / "int8" / "model.tflite"
CARD = {"name": "tiny", "description": "Tells high from low.", "version": "1", "author": "", "license": ""}
LABELS = ["high", "low"]


def described(**changes):
    """A file of ours, with other facts than those that are true."""
    content = OLD.read_bytes()
    return with_description(content, {**description_of(content), **changes}, card=CARD)


def changed(change, labels=LABELS):
    """A file of ours, whose graph is changed, as another tool would have written it."""
    model = flatbuffer.unpack(described())
    change(model)
    model.metadata = [each for each in model.metadata if each.name != b"kerasinst"]
    model.description = None
    return metadata.with_labels(flatbuffer.pack(model), labels)


def converted(function, shape=(1, 4000), select=False):
    """A function of a waveform, as TensorFlow's converter writes it."""
    concrete = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    if select:
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    return converter.convert()


def custom(model):
    model.operatorCodes[0].builtinCode = model.operatorCodes[0].deprecatedBuiltinCode = 32  # CUSTOM
    model.operatorCodes[0].customCode = b"AudioSpectrogram"


def integers(model):
    model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]].type = 9  # INT8


def means(x):
    return tf.reduce_mean(tf.reshape(x, (1, 2, -1)), axis=2)


def misaligned():
    """Constants that begin wherever they come, as the classes of the schema alone write them."""
    model = flatbuffer.unpack(changed(lambda model: None))
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


PLANTED = {
    "no metadata": (lambda: converted(means), "there is no metadata", "export it again"),
    "open sizes": (
        lambda: converted(lambda x: means(x) + 0.0, (None, 4000)),
        "sizes of its input are open (any, 4000)",
        "fixed sizes",
    ),
    "custom operators": (lambda: changed(custom), "custom operators: AudioSpectrogram", "built-in operators"),
    "operators of TensorFlow": (
        lambda: converted(lambda x: means(x * tf.linalg.det(tf.reshape(x[:, :4], (2, 2)))), select=True),
        "operators of TensorFlow: FlexMatrixDeterminant",
        "without SELECT_TF_OPS",
    ),
    "Fourier transforms": (
        lambda: converted(lambda x: tf.abs(tf.signal.rfft(x, [4096]))[:, :2]),
        "TFLite Micro has no",
        "outside the graph",
    ),
    "input of three dimensions": (
        lambda: converted(means, (1, 4000, 1)),
        "its input is float32 of shape (1, 4000, 1)",
        "(1, samples)",
    ),
    "sample rate of 0": (lambda: described(sample_rate=0), "says 0 Hz and 1 channels", "sample rate"),
    "integers without scale": (lambda: changed(integers), "its input is int8 without scale", "representative data set"),
    "too many labels": (
        lambda: changed(lambda model: None, ["a", "b", "c"]),
        "has 3 labels, but its output has 2 scores",
        "one label for each",
    ),
    "no labels": (
        lambda: flatbuffer.pack(flatbuffer.unpack(changed(lambda model: None))),
        "no file of labels",
        "labels.txt",
    ),
    "no numbers for silence": (
        lambda: converted(lambda x: means(x / tf.reduce_max(x))),
        "scores of silence are NaN or infinite",
        "small number",
    ),
    "constants anywhere": (misaligned, "do not begin at multiples of 16 bytes", "aligns them"),
    "damage": (lambda: described()[:-3], "damaged: its checksum differs", "copy it again"),
    "no model": (lambda: b"RIFF" + bytes(100), "not a TFLite file", "convert it again"),
}
"""For each fault, what makes a file that has it, and parts of its name and of its cure."""


@pytest.mark.parametrize("fault", list(PLANTED))
def test_planted_faults_are_found(fault, tmp_path):
    make, problem, cure = PLANTED[fault]
    file = tmp_path / "planted.tflite"
    file.write_bytes(make())
    found = [each for each in check(file) if problem in each.problem]
    assert len(found) == 1 and cure in found[0].cure, check(file)
    assert found[0].fault == (fault not in ("Fourier transforms", "constants anywhere"))  # which phones can do with
    assert "\n" not in found[0].problem + found[0].cure
    if fault == "operators of TensorFlow":
        assert "pages of 16 KB" in found[0].cure


def test_a_file_of_ours_has_no_fault(tmp_path, run_verb):
    file = tmp_path / "model.tflite"
    file.write_bytes(described())
    code, out, err = run_verb(export, "--check", file)
    assert code == 0 and err == "" and "fault" not in out
    assert "16 KB" in out  # a note, for those who build for Android


def test_faults_end_with_code_1_and_their_number(tmp_path, run_verb):
    file = tmp_path / "model.tflite"
    file.write_bytes(described(sample_rate=0))
    code, out, err = run_verb(export, "--check", file)
    assert code == 1 and err == f"kerasinst: {file}: 1 fault\n" and "says 0 Hz" in out
    code, _, err = run_verb(export, "--check", tmp_path / "missing.tflite")
    assert code == 2 and "no such file" in err


def test_changed_bytes_never_end_the_program(tmp_path):
    content, random = converted(means), np.random.default_rng(0)  # which has no checksum
    file = tmp_path / "model.tflite"
    for _ in range(20):
        damaged = bytearray(content)
        for place in random.integers(0, len(content), 3):
            damaged[place] = int(random.integers(256))
        file.write_bytes(bytes(damaged))
        assert all(each.problem and each.cure for each in check(file))


def test_files_that_are_fine_elsewhere_are_not_called_damaged(tmp_path):
    """Metadata of other tools, and in files of version 0.1; open sizes; labels that are no archive of ours."""
    file = tmp_path / "model.tflite"
    old = flatbuffer.unpack(OLD.read_bytes())
    entry = metadata.metadata(sample_rate=8000, **CARD)
    old.buffers.append(schema.BufferT(data=np.frombuffer(entry, np.uint8)))
    old.metadata.append(schema.MetadataT(name=b"TFLITE_METADATA", buffer=len(old.buffers) - 1))
    file.write_bytes(metadata.with_labels(flatbuffer.pack(old), LABELS))
    assert [each for each in check(file) if each.fault] == []
    file.write_bytes(converted(lambda x: tf.reduce_mean(x, keepdims=True) / tf.reduce_max(x), (1, None)))
    assert not any("NaN" in each.problem or "run" in each.problem for each in check(file))
    broken = bytearray(changed(lambda model: None))
    broken[broken.rfind(b"high\nlow") + 1] ^= 1
    file.write_bytes(bytes(broken))
    assert any("its file of labels" in each.problem for each in check(file))
