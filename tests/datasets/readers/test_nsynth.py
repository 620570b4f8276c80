"""NSynth: families as labels, instruments as groups."""

import json
from collections import Counter

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput

NOTE = {
    "instrument_family_str": "guitar",
    "instrument_str": "guitar_acoustic_010",
    "instrument_source_str": "acoustic",
    "pitch": 60,
    "velocity": 75,
}


def test_the_family_is_the_label_and_the_instrument_the_group(tmp_path):
    trees.nsynth(tmp_path)
    clips = {clip.path.stem: clip for clip in datasets.read("nsynth", tmp_path, subset="train")}
    clip = clips["guitar_acoustic_010-060-075"]
    assert clip.name == "nsynth-train/audio/guitar_acoustic_010-060-075.wav"
    assert (clip.labels, clip.group, clip.split) == (("guitar",), "guitar_acoustic_010", None)
    assert clip.columns == {"source": "acoustic", "pitch": 60, "velocity": 75}
    assert clips["guitar_acoustic_010-061-075"].group == clip.group
    assert clips["synth_lead_synthetic_010-060-075"].labels == ("synth_lead",)


def test_all_reads_the_parts_that_are_there_and_keeps_their_split(tmp_path):
    trees.nsynth(tmp_path / "whole")
    splits = Counter(clip.split for clip in datasets.read("nsynth", tmp_path / "whole"))
    assert splits == {"train": 16, "validation": 8, "test": 4}
    trees.nsynth(tmp_path / "small", parts=("valid", "test"))
    assert {clip.split for clip in datasets.read("nsynth", tmp_path / "small")} == {"validation", "test"}
    with pytest.raises(BadInput, match=r"expected nsynth-train/ with .*; found: nsynth-test, nsynth-valid"):
        datasets.read("nsynth", tmp_path / "small", subset="train")
    with pytest.raises(BadInput, match=r"dataset\.subset: expected train, valid, test, all"):
        datasets.read("nsynth", tmp_path / "whole", subset="validation")


def test_missing_audio_is_kept_to_be_reported(tmp_path):
    trees.nsynth(tmp_path)
    file = tmp_path / "nsynth-test" / "audio" / "guitar_acoustic_020-060-075.wav"
    file.unlink()
    assert file in {clip.path for clip in datasets.read("nsynth", tmp_path)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", r"expected an object in \{\}, found list"),
        ("{", "not a JSON file"),
        ({"a": [1]}, r"'a': expected an object in \{\}, found list"),
        ({"a": {}}, "'a': instrument_family_str: expected a text, found 'nothing'"),
        ({"a": NOTE | {"instrument_family_str": "kazoo"}}, "'a': instrument_family_str: expected bass, .* 'kazoo'"),
        ({"a": NOTE | {"instrument_str": ""}}, "'a': instrument_str is empty"),
        ({"a": NOTE | {"pitch": "60"}}, "'a': pitch: expected a whole number, found '60'"),
        ({"a": NOTE | {"pitch": True}}, "'a': pitch: expected a whole number, found 'True'"),
        ({"a": NOTE | {"velocity": 128}}, "'a': velocity: expected a MIDI number from 0 to 127, found 128"),
        ({"../../a": NOTE}, r"'\.\./\.\./a': expected the name of a note"),
    ],
)
def test_a_wrong_table_is_one_clear_error(content, message, tmp_path):
    trees.nsynth(tmp_path)
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "nsynth-test" / "examples.json").write_text(text)
    with pytest.raises(BadInput, match=rf"nsynth-test/examples\.json: .*{message}"):
        datasets.read("nsynth", tmp_path)
