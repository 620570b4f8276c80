"""Splits: grouped, stratified, seeded, stable."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets import Clip, Segment


def _clips(groups: dict[str, tuple[str, int]]) -> list[Clip]:
    """Clips of groups, given as group -> (label, how many)."""
    return [
        Clip(f"{group}-{index}", Path(group), (label,), group)
        for group, (label, count) in groups.items()
        for index in range(count)
    ]


GROUPS = st.dictionaries(
    st.text("abcdefgh", min_size=3, max_size=6),
    st.tuples(st.sampled_from(["cello", "flute"]), st.integers(1, 4)),
    min_size=6,
    max_size=40,
)


def _enough(groups) -> bool:
    counts = Counter(label for label, _ in groups.values())
    return all(counts[label] >= 3 for label in ("cello", "flute"))


@given(GROUPS.filter(_enough), st.integers(0, 100))
def test_whole_groups_and_every_label_in_each_split(groups, seed):
    clips = _clips(groups)
    parts = datasets.split(clips, validation=0.16, test=0.2, seed=seed)
    assert sorted(clip.name for part in parts for clip in part) == sorted(clip.name for clip in clips)
    for one in range(3):
        assert {clip.labels[0] for clip in parts[one]} == {"cello", "flute"}
        for other in range(one):
            assert not {clip.group for clip in parts[one]} & {clip.group for clip in parts[other]}


@given(GROUPS.filter(_enough), st.data())
def test_more_clips_in_one_group_move_no_group(groups, data):
    grown = data.draw(st.sampled_from(sorted(groups)))
    before = datasets.split(_clips(groups), seed=3)
    label, count = groups[grown]
    after = datasets.split(_clips({**groups, grown: (label, count + 2)}), seed=3)
    assert [{clip.group for clip in part} for part in before] == [{clip.group for clip in part} for part in after]


def test_the_seed_decides():
    clips = _clips({f"{label}{index}": (label, 1) for label in ("cello", "flute") for index in range(20)})
    assert datasets.split(clips, seed=1) == datasets.split(clips, seed=1)
    assert datasets.split(clips, seed=1) != datasets.split(clips, seed=2)
    train, validation, test = datasets.split(clips, validation=0.15, test=0.25, seed=1)
    assert (len(train), len(validation), len(test)) == (24, 6, 10)


def test_no_test_split_on_request():
    clips = _clips({f"{label}{index}": (label, 1) for label in ("cello", "flute") for index in range(2)})
    train, validation, test = datasets.split(clips, validation=0.5, test=0)
    assert (len(train), len(validation), test) == (2, 2, [])


def test_by_segment_tears_clips_apart():
    clips = _clips({f"{label}{index}": (label, 1) for label in ("cello", "flute") for index in range(3)})
    segments = [Segment(clip, start) for clip in clips for start in range(20)]
    train, _, test = datasets.split(segments, validation=0.1, test=0.2, by="segment")
    assert {segment.clip for segment in train} & {segment.clip for segment in test}


def test_groups_with_several_labels_are_dealt_once():
    clips = [
        Clip(f"{index}-{label}", Path(), (label,), f"piece{index}")
        for index in range(10)
        for label in (("piano", "violin") if index % 2 else ("piano",))
    ]
    parts = datasets.split(clips, validation=0.2, test=0.2)
    assert len({clip.group for part in parts for clip in part}) == 10
    assert all({clip.labels[0] for clip in part} == {"piano", "violin"} for part in parts)


def test_hopeless_splits_say_why():
    with pytest.raises(BadInput, match=r"one label only \('cello'\)"):
        datasets.split(_clips({f"c{index}": ("cello", 1) for index in range(9)}))
    few = _clips({"c1": ("cello", 9), "c2": ("cello", 9), **{f"f{index}": ("flute", 1) for index in range(5)}})
    with pytest.raises(BadInput, match=r"label 'cello' has 2 groups, but train, validation, test need one each"):
        datasets.split(few)


@given(GROUPS.filter(_enough), st.integers(0, 100))
def test_folds_test_every_clip_once_and_keep_groups_and_labels(groups, seed):
    clips = _clips(groups)
    parts = datasets.folds(clips, n_folds=3, seed=seed)
    assert sorted(clip.name for _, test in parts for clip in test) == sorted(clip.name for clip in clips)
    for train, test in parts:
        assert len(train) + len(test) == len(clips)
        assert not {clip.group for clip in train} & {clip.group for clip in test}
        assert {clip.labels[0] for clip in test} == {"cello", "flute"}
    sizes = [len({clip.group for clip in test if clip.labels == ("cello",)}) for _, test in parts]
    assert max(sizes) - min(sizes) <= 1


def test_too_few_groups_for_the_folds_is_refused():
    clips = _clips({f"{label}{index}": (label, 1) for label in ("cello", "flute") for index in range(4)})
    with pytest.raises(BadInput, match="label 'cello' has 4 groups, but 5 folds"):
        datasets.folds(clips, n_folds=5)
    with pytest.raises(BadInput, match="n_folds=1: use 2 or more"):
        datasets.folds(clips, n_folds=1)


def _published() -> list[Clip]:
    """Groups of two clips: ten in train, two in test, and one that was torn apart."""
    clips = []
    for label in ("cello", "flute"):
        for index in range(13):
            splits = {10: ("test", "test"), 11: ("test", "test"), 12: ("train", "test")}.get(index, ("train", "train"))
            for take, published in enumerate(splits):
                clips.append(Clip(f"{label}{index}-{take}", Path("x"), (label,), f"{label}{index}", split=published))
    return clips


def test_a_published_split_is_kept_and_what_it_tore_apart_goes_to_test():
    train, validation, test = datasets.split(_published(), validation=0.2, test=0.5, seed=1)
    assert {clip.group for clip in test} == {f"{label}{n}" for label in ("cello", "flute") for n in (10, 11, 12)}
    assert {clip.split for clip in train + validation} == {"train"}
    assert len({clip.group for clip in validation}) == 4  # a fifth of the ten groups of each that are not in test
    anew = datasets.split(_published(), validation=0.2, test=0.5, seed=1, published=False)
    assert len({clip.group for clip in anew[2]}) == 12


def test_a_label_may_be_missing_in_a_published_test_split():
    clips = [clip for clip in _published() if clip.labels == ("cello",) or clip.split == "train"]
    clips = [clip for clip in clips if clip.group != "flute12"]
    train, validation, test = datasets.split(clips, validation=0.2, seed=1)
    assert {clip.labels[0] for clip in test} == {"cello"}
    assert {clip.labels[0] for clip in train} == {clip.labels[0] for clip in validation} == {"cello", "flute"}


def test_clips_without_a_label_are_trained_on():
    clips = [*_clips({f"{label}{n}": (label, 1) for label in ("cello", "flute") for n in range(6)})]
    nothing = Clip("none", Path("x"), (), "none")
    assert nothing in datasets.split([*clips, nothing])[0]
    assert sum(nothing in test for _, test in datasets.folds([*clips, nothing], n_folds=2)) == 1


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1, max_size=3), min_size=24, max_size=40), st.integers(0, 50))
def test_groups_with_several_labels_leave_some_of_each_label_everywhere(labels, seed):
    singles = [{label} for label in "abcd" for _ in range(3)]
    clips = [Clip(f"{n}", Path("x"), tuple(sorted(of)), f"{n}") for n, of in enumerate([*singles, *labels])]
    for part in datasets.split(clips, seed=seed):
        assert {label for clip in part for label in clip.labels} == set("abcd")


def _made(**counts: int) -> list[Clip]:
    """Clips of two labels, each its own group, as publishers put them."""
    return [
        Clip(f"{label}{split}{index}", Path("x"), (label,), f"{label}{split}{index}", split=split)
        for label in ("cello", "flute")
        for split, count in counts.items()
        for index in range(count)
    ]


@pytest.mark.parametrize("validation", [0.05, 0.16, 0.4])
def test_a_part_that_publishers_made_is_not_topped_up(validation):
    parts = datasets.split(_made(train=24, validation=3, test=3), validation=validation, test=0.2, seed=1)
    assert [{clip.split for clip in part} for part in parts] == [{"train"}, {"validation"}, {"test"}]
    train, validation, test = datasets.split(_made(train=24, validation=6), validation=0.2, test=0.2, seed=1)
    assert {clip.split for clip in validation} == {"validation"} and {clip.split for clip in test} == {"train"}
    assert (len(train), len(validation), len(test)) == (36, 12, 12)


def test_the_share_of_validation_is_of_what_is_not_published_as_test():
    train, validation, test = datasets.split(_made(train=88, test=82), validation=0.2, test=0.2, seed=1)
    assert len(validation) == 2 * round(0.2 * 88) and len(train) + len(validation) == 176
    assert {clip.split for clip in test} == {"test"}


def test_silence_is_validated_and_tested():
    clips = [*_clips({f"{label}{n}": (label, 1) for label in ("cello", "flute") for n in range(10)})]
    silent = [Clip(f"none{n}", Path("x"), (), f"none{n}") for n in range(10)]
    for part in datasets.split([*clips, *silent], validation=0.2, test=0.2):
        assert sum(not clip.labels for clip in part) >= 2
    for _, test in datasets.folds([*clips, *silent], 5):
        assert sum(not clip.labels for clip in test) == 2
