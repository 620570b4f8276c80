"""Segments and cached features."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=5), seed=st.integers(0, 5))
def test_in_turns_every_label_comes_as_early_as_any(counts, seed):
    """Rows sorted by label, as those of a folder are: any first few must hold all labels alike."""
    targets = np.repeat(np.eye(len(counts)), counts, axis=0)
    order = training_data.in_turns(targets, seed)
    assert sorted(order) == list(range(sum(counts)))
    for end in range(sum(counts) + 1):
        had = targets[order[:end]].sum(axis=0)
        waiting = had[had < counts]  # labels that have rows left
        assert waiting.size == 0 or had.max() <= waiting.min() + 1
