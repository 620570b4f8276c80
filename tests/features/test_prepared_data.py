"""Segments and cached features."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasinst.core.errors import BadInput
from kerasinst.features import label_balanced_order, prepare_data


def test_by_group_segments_cover_held_out_clips_and_follow_the_split(experiment):
    data = prepare_data(experiment)
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
    data = prepare_data(drawn)
    assert len(data.segments["train"]) == 50
    assert len({segment.clip for segment in data.segments["train"]}) == 8
    assert all(0 <= segment.start <= 4000 for segment in data.segments["train"])
    assert prepare_data(drawn).segments == data.segments


def test_by_segment_is_the_leaky_protocol(experiment):
    leaky = experiment.override(
        {"split.by": "segment", "audio": {"sample_rate": 8000, "segment_seconds": 0.5, "segments": 200}}
    )
    segments = prepare_data(leaky).segments
    assert (len(segments["train"]), len(segments["validation"]), len(segments["test"])) == (100, 50, 50)
    assert {segment.clip for segment in segments["train"]} & {segment.clip for segment in segments["test"]}


def test_a_segment_longer_than_every_clip_is_refused(experiment):
    with pytest.raises(
        BadInput, match=r"audio.segment_seconds: 3.0 s is longer than every clip \(the longest has 1.00"
    ):
        prepare_data(experiment.override({"audio.segment_seconds": 3.0}))


@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=5), seed=st.integers(0, 5))
def test_in_turns_every_label_comes_as_early_as_any(counts, seed):
    """Rows sorted by label, as those of a folder are: any first few must hold all labels alike."""
    targets = np.repeat(np.eye(len(counts)), counts, axis=0)
    order = label_balanced_order(targets, seed)
    assert sorted(order) == list(range(sum(counts)))
    for end in range(sum(counts) + 1):
        had = targets[order[:end]].sum(axis=0)
        waiting = had[had < counts]  # labels that have rows left
        assert waiting.size == 0 or had.max() <= waiting.min() + 1


def test_clips_that_leave_their_published_part_are_named(recordings, experiment):
    rows = ["path,labels,split,group"]
    for label in ("low", "high"):
        rows += [f"{label}/{n}.wav,{label},{'test' if n > 5 else 'train'},{label}{n % 7}" for n in range(8)]
    (recordings / "manifest.csv").write_text("\n".join(rows))
    manifest = experiment.override({"dataset": {"reader": "manifest", "path": str(recordings)}})
    (remark,) = prepare_data(manifest).collection.audit["remarks"]
    assert remark.startswith("2 clips are in another part than published, since their groups lie in several")
    assert "high/0.wav (published as train, now test), ..." in remark


def test_a_label_with_too_few_groups_names_the_broken_clips(recordings, experiment):
    for index in range(6):
        (recordings / "low" / f"{index}.wav").write_text("no audio")
    with pytest.raises(BadInput, match=r"label 'low' has 2 groups.*6 clips cannot be used, the first is low/0\.wav"):
        prepare_data(experiment)
