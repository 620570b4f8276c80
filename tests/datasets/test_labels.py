"""Label maps."""

from pathlib import Path

import numpy as np
import pytest

from kerasinst import datasets
from kerasinst.datasets import Clip, Note
from kerasinst.errors import BadInput
from kerasinst.experiment import Experiment

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
