"""Rendered look-alikes: their readers read them, and nobody takes their figures for those of the data set."""

import importlib
from collections import Counter

import pytest
import soundfile

from kerasinst import datasets
from kerasinst.core import console
from kerasinst.datasets.rendering.look_alikes import look_alike
from kerasinst.experiment import Experiment
from kerasinst.experiment.dataset import LOOK_ALIKES, DatasetSection

SMALL = {
    "audioset": {"PER_CLASS": {"balanced_train": 6, "eval": 3}},
    "fsdkaggle2018": {"PER_LABEL": 3},
    "irmas": {"SONGS": 2, "TESTS": 8},
    "musicnet": {"PIECES": 15, "SECONDS": 6.0},
}
"""Sizes, so that tests are fast."""


@pytest.fixture
def section(monkeypatch, tmp_path):
    """The section of a study that reads a small look-alike."""
    monkeypatch.setenv("KERASINST_CACHE", str(tmp_path))

    def _section(study: str) -> DatasetSection:
        found = Experiment.from_yaml(study).dataset
        module = importlib.import_module(f"kerasinst.datasets.rendering.look_alikes.{found.reader}")
        for name, value in SMALL[found.reader].items():
            monkeypatch.setattr(module, name, value)
        return found

    return _section


def test_every_study_has_a_look_alike():
    assert {Experiment.from_yaml(name).dataset.reader for name in ("ee5180", "audioset4", "irmas", "musicnet")} == set(
        LOOK_ALIKES
    )
    with pytest.raises(ValueError, match="there is no look-alike for 'nsynth'"):
        look_alike("nsynth")


def test_freesound_has_phrases_of_the_five_instruments(section):
    clips = datasets.read_section(section("ee5180"))
    assert Counter(clip.labels for clip in clips) == {(label,): 3 for label in section("ee5180").labels}
    assert len({clip.group for clip in clips}) == 15 and all(clip.serial for clip in clips)


def test_audioset_has_scenes_of_which_some_are_missing_or_hold_several(section):
    clips = datasets.read_section(section("audioset4"))
    assert 20 <= len(clips) < 36 and {clip.labels for clip in clips} == {
        (label,) for label in section("audioset4").labels
    }
    assert {clip.split for clip in clips} == {"train", "test"}
    assert all(soundfile.info(clip.path).duration == 10 for clip in clips)
    several = datasets.read_section(section("audioset4_several"))
    assert any(len(clip.labels) > 1 for clip in several)


@pytest.mark.slow
def test_irmas_has_songs_of_one_and_tests_of_several_predominant_instruments(section):
    clips = datasets.read_section(section("irmas"))
    train, test = ([clip for clip in clips if clip.split == split] for split in ("train", "test"))
    assert len(train) == 11 * 2 * 3 and {len(clip.labels) for clip in train} == {1}
    assert len({clip.group for clip in train}) == 11 * 2 and all("genre" in clip.columns for clip in train)
    assert len(test) == 8 and max(len(clip.labels) for clip in test) > 1
    assert all(soundfile.info(clip.path).channels == 2 for clip in clips)


def test_musicnet_has_notes(section):
    clips = datasets.read_section(section("musicnet"))
    assert len(clips) == 15 and all(clip.notes for clip in clips)


def test_the_reader_says_once_that_it_is_no_data_set(section, capsys, monkeypatch):
    monkeypatch.setattr(console, "_said", set())
    found = section("ee5180")
    assert found.rendered == "rendered look-alike"
    for count in (1, 0):  # the second one comes from the cache
        datasets.read_section(found)
        assert (
            capsys.readouterr().err.count("a rendered look-alike is used; its figures are not the data set's") == count
        )
    assert not Experiment.from_yaml("ee5180").on_data("/some/where").dataset.rendered
