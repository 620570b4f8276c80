"""Segments and cached features."""

import inspect
from collections import Counter

import numpy as np
import pytest
import soundfile
from conftest import tone

from kerasinst import audio, frontends
from kerasinst.errors import BadInput
from kerasinst.training import data as training_data


def test_by_group_segments_cover_held_out_clips_and_follow_the_split(experiment):
    data = training_data.prepare(experiment)
    assert {name: len(segments) for name, segments in data.segments.items()} == {
        "train": 16,
        "validation": 8,
        "test": 8,
    }
    for segments in data.segments.values():
        starts = Counter(segment.clip.name for segment in segments)
        assert set(starts.values()) == {2}
    assert data.targets("train").sum(axis=0).tolist() == [8, 8]


def test_random_segments_give_training_its_share(experiment):
    drawn = experiment.override({"audio": {"sample_rate": 8000, "segment_seconds": 0.5, "segments": 100}})
    data = training_data.prepare(drawn)
    assert len(data.segments["train"]) == 50
    assert len({segment.clip for segment in data.segments["train"]}) == 8
    assert all(0 <= segment.start <= 4000 for segment in data.segments["train"])
    assert training_data.prepare(drawn).segments == data.segments


def test_by_segment_is_the_leaky_protocol(experiment):
    leaky = experiment.override(
        {"split.by": "segment", "audio": {"sample_rate": 8000, "segment_seconds": 0.5, "segments": 200}}
    )
    segments = training_data.prepare(leaky).segments
    assert (len(segments["train"]), len(segments["validation"]), len(segments["test"])) == (100, 50, 50)
    assert {segment.clip for segment in segments["train"]} & {segment.clip for segment in segments["test"]}


def test_a_segment_longer_than_every_clip_is_refused(experiment):
    with pytest.raises(
        BadInput, match=r"audio.segment_seconds: 3.0 s is longer than every clip \(the longest has 1.00"
    ):
        training_data.prepare(experiment.override({"audio.segment_seconds": 3.0}))


def test_features_are_those_of_the_front_end_and_are_computed_once(experiment, monkeypatch):
    data = training_data.prepare(experiment)
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=256, n_mels=16)
    segments = data.segments["train"]
    features = training_data.features(segments, data.collection.decoded, experiment.audio, layer, "test")
    chosen = segments[3]
    waveform = audio.load(chosen.clip.path, 8000)[chosen.start : chosen.start + 4000]
    np.testing.assert_allclose(features[[3]][0], np.asarray(layer(waveform[None]))[0], atol=1e-4)
    monkeypatch.setattr(training_data, "_draw", lambda *arguments: pytest.fail("computed again"))
    again = training_data.features(segments, data.collection.decoded, experiment.audio, layer, "test")
    np.testing.assert_array_equal(again[:], features[:])


def test_a_changed_file_is_not_served_from_the_cache(experiment, recordings):
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=256, n_mels=16)

    def pictures():
        data = training_data.prepare(experiment)
        segments = data.segments["train"]
        return segments, training_data.features(segments, data.collection.decoded, experiment.audio, layer, "test")[:]

    segments, before = pictures()
    soundfile.write(segments[0].clip.path, tone(333, seconds=1.0, seed=9), 8000, subtype="FLOAT")
    _, after = pictures()
    assert not np.array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[2:], after[2:])


def test_a_front_end_that_does_not_fit_the_segment_is_one_clear_error(experiment):
    data = training_data.prepare(experiment)
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=8192, center=False)
    with pytest.raises(BadInput, match="4000 samples are shorter than one frame of 8192"):
        training_data.features(data.segments["train"], data.collection.decoded, experiment.audio, layer, "test")


def test_a_changed_front_end_is_not_served_from_the_cache(experiment, monkeypatch):
    data = training_data.prepare(experiment)
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=256, n_mels=16)
    arguments = data.segments["train"], data.collection.decoded, experiment.audio, layer, "test"
    before = training_data.features(*arguments)
    assert training_data.features(*arguments).paths == before.paths
    monkeypatch.setattr(inspect, "getsource", lambda module: "another version")
    assert not set(training_data.features(*arguments).paths) & set(before.paths)
