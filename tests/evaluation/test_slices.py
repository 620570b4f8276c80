"""Slices: counts that can be done by hand."""

import numpy as np
import pandas as pd
import pytest

from kerasinst.evaluation import accuracy_by_slice, by_segments_heard, segment_table

LABELS = ["cello", "flute"]


def table(rows):
    """Clips from (name, label, score of cello)."""
    about = [(name, name, label, "test", score, 1 - score) for name, label, score in rows]
    return pd.DataFrame(about, columns=["clip", "group", "labels", "split", *LABELS])


@pytest.fixture
def clips():
    """Eight clips; the flutes are mistaken where they are loud."""
    return table([(f"c{i}", "cello", 0.9) for i in range(4)] + [(f"f{i}", "flute", 0.1 + 0.2 * i) for i in range(4)])


def test_slices_count_what_is_right(clips):
    facts = {name: {"dynamics": "soft" if name[1] in "01" else "loud", "reader": "same"} for name in clips["clip"]}
    found = accuracy_by_slice(clips, facts, labels=LABELS).set_index("value")
    assert found.fact.unique().tolist() == ["dynamics"]  # what is the same everywhere says nothing
    assert found.loc["soft", ["n", "accuracy"]].tolist() == [4, 1.0]
    assert found.loc["loud", ["n", "accuracy"]].tolist() == [4, 0.5]
    assert (found.accuracy_low <= found.accuracy).all() and (found.accuracy <= found.accuracy_high).all()


def test_many_numbers_are_cut_into_quarters_and_many_texts_left_out():
    many = table([(f"c{i}", "cello", 0.9 if i < 30 else 0.1) for i in range(40)])
    facts = {f"c{i}": {"seconds": float(i), "title": f"song {i}"} for i in range(40)}
    found = accuracy_by_slice(many, facts, labels=LABELS)
    assert found.value.tolist() == ["0 to 9", "10 to 19", "20 to 29", "30 to 39"]
    assert found.accuracy.tolist() == [1, 1, 1, 0] and found.n.tolist() == [10] * 4


def test_quarters_between_equal_numbers_are_left_out():
    seconds = [*np.linspace(1, 2, 9), *[10.0] * 11, *np.linspace(11, 30, 20)]
    many = table([(f"c{i}", "cello", 0.9) for i in range(40)])
    found = accuracy_by_slice(many, {f"c{i}": {"seconds": value} for i, value in enumerate(seconds)}, labels=LABELS)
    assert found.n.sum() == 40 and (found.n > 0).all()


def test_facts_that_only_some_clips_have_cover_those(clips):
    found = accuracy_by_slice(clips, {"c0": {"pitch": 60}, "f3": {"pitch": 72}}, labels=LABELS)
    assert found.n.tolist() == [1, 1] and found.accuracy.tolist() == [1, 0]


class Heard:
    """A segment of a clip."""

    def __init__(self, name, label):
        self.clip, self.group, self.labels = (
            type("Clip", (), {"name": name, "labels": (label,), "unknown": ()}),
            name,
            (label,),
        )


def test_hearing_longer_helps_where_the_start_misleads():
    scores = {"a": [0.1, 0.9, 0.9, 0.9, 0.9], "b": [0.9, 0.9], "c": [0.9]}
    segments = [Heard(name, "cello") for name, of_clip in scores.items() for _ in of_clip]
    values = np.array([score for of_clip in scores.values() for score in of_clip])
    found = by_segments_heard(
        segment_table(segments, "test", scores=np.stack([values, 1 - values], axis=1), labels=LABELS), LABELS
    )
    assert found.segments.tolist() == [1, 2, 4, 8]
    assert found.clips_that_long.tolist() == [3, 2, 1, 0]
    np.testing.assert_allclose(found.accuracy, [2 / 3, 1, 1, 1], atol=1e-6)  # cello wins a tie
