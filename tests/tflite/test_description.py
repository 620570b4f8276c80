"""What files say of themselves: metadata, labels, and a checksum that any changed byte breaks."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerasinst.models import tflite_model
from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.tflite import checksum, flatbuffer, metadata
from kerasinst.tflite.description import description_of, with_description

OLD = Path(__file__).parents[1] / "data" / "version-0.1" / "run" / "compressed" / "int8" / "model.tflite"
CARD = {"name": "tïny", "description": "Tells high from low.", "version": "2.1", "author": "A lab", "license": "MIT"}


@pytest.fixture(scope="module")
def old():
    return OLD.read_bytes()


@pytest.fixture(scope="module")
def content(old):
    return with_description(old, description_of(old), card=CARD)


def test_a_file_tells_what_it_takes_and_gives(content):
    model = flatbuffer.unpack(content)
    assert metadata.audio_input(model) == metadata.AudioInput(8000, 1)
    (entry,) = (each for each in model.metadata if each.name == b"TFLITE_METADATA")
    data = bytes(np.asarray(model.buffers[entry.buffer].data, np.uint8))
    assert data[4:8] == b"M001"
    assert all(text.encode() in data for text in (*CARD.values(), "waveform", "scores", "labels.txt"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("labels.txt").decode() == "high\nlow\n"
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED  # MediaPipe reads it in place


def test_scores_are_as_before_and_the_file_is_little_larger(old, content):
    noise = np.random.default_rng(0).normal(0, 0.1, (4, 4000))
    np.testing.assert_array_equal(TFLiteModel(content).score(noise), TFLiteModel(old).score(noise))
    assert len(content) - len(old) <= 1024


def test_the_same_facts_give_the_same_bytes(old, content):
    assert with_description(old, description_of(old), card=CARD) == content
    assert with_description(content, description_of(content), card=CARD) == content  # in place of what is there


def test_nothing_is_said_that_is_not_known():
    data = metadata.metadata(sample_rate=8000, **{**CARD, "author": "", "license": ""})
    assert len(data) < len(metadata.metadata(sample_rate=8000, **CARD)) and b"MIT" not in data


def test_files_without_metadata_have_no_audio_input(old):
    assert metadata.audio_input(flatbuffer.unpack(old)) is None


def test_any_changed_byte_is_found_before_anything_is_read(content):
    random = np.random.default_rng(0)
    start = content.find(b'"checksum"')
    places = [*random.integers(0, len(content), 1000), *range(start - 8, start + 90)]
    for place in places:
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        with pytest.raises(checksum.Damaged):
            checksum.verify(bytes(changed))
    checksum.verify(content)


@pytest.mark.parametrize("damage", ["cut", "cut in the labels", "longer", "metadata of others"])
def test_damage_is_one_line(content, tmp_path, run_verb, damage):
    from kerasinst import predict

    damaged = {
        "cut": content[: len(content) // 2],
        "cut in the labels": content[:-60],
        "longer": content + b"\0",
        "metadata of others": metadata.with_labels(flatbuffer.pack(flatbuffer.unpack(content)), ["a", "b"]),
    }[damage]
    file = tmp_path / "model.tflite"
    file.write_bytes(damaged)
    code, out, err = run_verb(predict, file, tmp_path)
    assert code == 2 and out == "" and err.count("\n") == 1
    assert "copy or export it again" in err or (damage == "cut" and "not a TFLite model" in err)


def test_files_of_version_0_1_have_no_checksum_and_still_run(old):
    assert checksum.PATTERN.search(old) is None
    assert tflite_model.load(OLD).labels == ["high", "low"]


def test_a_label_cannot_pass_for_a_checksum(old):
    about = {**description_of(old), "labels": ['"checksum":"' + "0" * 64 + '"', "low"]}
    content = with_description(old, about, card=CARD)
    checksum.verify(content)
    assert TFLiteModel(content).labels == about["labels"]
