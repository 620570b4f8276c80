"""Label maps."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets import Clip, Note, labels
from kerasinst.experiment import Experiment
from kerasinst.experiment.dataset import DatasetSection

CLIPS = [
    Clip(
        "a",
        Path("a"),
        ("gac", "voi"),
        "a",
        notes=(Note(0, 1, "gac", 60), Note(0, 1, "voi", 50)),
        unknown=("gel", "flu"),
    ),
    Clip("b", Path("b"), ("voi",), "b"),
    Clip("c", Path("c"), ("gel", "gac"), "c"),
    Clip("d", Path("d"), (), "d"),
]


def test_labels_are_renamed_joined_and_dropped():
    clips = datasets.relabel(CLIPS, {"gac": "guitar", "gel": "guitar", "voi": None})
    assert [(clip.name, clip.labels) for clip in clips] == [("a", ("guitar",)), ("c", ("guitar",)), ("d", ())]
    assert clips[0].notes == (Note(0, 1, "guitar", 60),) and clips[0].unknown == ("flu",)


def test_an_unknown_label_is_refused():
    with pytest.raises(BadInput, match="no label 'gak'; did you mean 'gac'"):
        datasets.relabel(CLIPS, {"gak": "guitar"})


def test_a_map_in_the_experiment_file_is_used(experiment: Experiment):
    mapped = experiment.override({"dataset.label_map": {"low": "bass"}})
    assert {clip.labels for clip in datasets.read_section(mapped.dataset)} == {("bass",), ("high",)}


def test_activity_marks_the_frames_that_a_note_overlaps():
    notes = [Note(0.0, 0.3, "oboe", 60), Note(0.25, 0.5, "horn", 50), Note(0.1, 0.1, "horn", 50), Note(0, 1, "harp", 1)]
    sounds = datasets.activity(notes, ["horn", "oboe"], n_frames=6, hop_seconds=0.1)
    np.testing.assert_array_equal(sounds[:, 1], [1, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(sounds[:, 0], [0, 0, 1, 1, 1, 0])


def test_one_label_in_two_forms_of_unicode_is_one_label(tmp_path):
    for index, form in enumerate(("NFC", "NFD")):
        trees.write_audio(tmp_path / unicodedata.normalize(form, "Flöte") / f"{index}.wav", index)
    clips = datasets.read("folder", tmp_path)
    assert [clip.labels for clip in clips] == [("Fl\u00f6te",)] * 2
    section = DatasetSection(reader="folder", labels=["Flo\u0308te"], label_map={"Flo\u0308te": "Cafe\u0301"})
    assert section.labels == ["Fl\u00f6te"] and section.label_map == {"Fl\u00f6te": "Caf\u00e9"}


def test_labels_that_differ_in_case_or_spaces_are_named_and_stay_apart(tmp_path):
    for index, label in enumerate(("Cello", "cello", "Hi-hat", "Hi-hat ", "flute")):
        trees.write_audio(tmp_path / label / "a.wav", index)
    collection = datasets.collect(datasets.read("folder", tmp_path))
    assert len(collection.labels) == 5
    named = [remark for remark in collection.audit["remarks"] if "look the same but for case or spaces" in remark]
    sets = [remark.removeprefix("the labels ").split(" look")[0] for remark in named]
    assert sets == ["'Cello', 'cello'", "'Hi-hat', 'Hi-hat '"]


@pytest.mark.parametrize("label", ["two\u0085lines", "two\u2028lines", "bell\a", " ", "\u00a0", ""])
def test_a_label_that_breaks_lines_or_is_empty_is_refused_in_one_line(label, tmp_path):
    for index, name in enumerate(("a", "b")):
        trees.write_audio(tmp_path / name / "a.wav", index)
    clips = datasets.relabel(datasets.read("folder", tmp_path), {"a": label})
    with pytest.raises(BadInput, match=r"label .*(control character|is empty)") as refused:
        datasets.collect(clips)
    assert len(str(refused.value).splitlines()) == 1
    assert datasets.collect(clips, ["b"]).labels == ["b"]  # left out, it does no harm


def test_invisible_characters_make_no_other_label_unnoticed():
    (named,) = labels.twins(["Flute", "Flu\u00adte", "\ufeffFlute", "oboe"])
    assert named.startswith(r"the labels 'Flute', 'Flu\xadte', '\ufeffFlute' look the same")
    with pytest.raises(BadInput, match="a label is empty"):
        labels.refuse_unusable(["\u200b"])


def test_no_label_has_more_clips_than_asked_for(tmp_path):
    of_clips = [("cello",)] * 9 + [("flute",)] * 2 + [("cello", "flute")] * 9
    clips = [Clip(f"{number}.wav", tmp_path, of_clip, str(number)) for number, of_clip in enumerate(of_clips)]
    kept = labels.at_most(clips, 4)
    counts = [sum(label in clip.labels for clip in kept) for label in ("cello", "flute")]
    assert max(counts) == 4 and counts[0] == 4
    assert kept == [clip for clip in clips if clip in kept]
    again = labels.at_most(reversed(clips), 4)
    assert {clip.name for clip in again} == {clip.name for clip in kept} and labels.at_most(clips, 20) == clips
