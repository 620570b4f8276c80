"""Examples and mistakes: which clips are chosen, and in which order."""

import pytest
from test_slices import LABELS, table

from kerasinst.evaluation import choose_examples, clip_level, mistakes


@pytest.fixture
def clips():
    """Eight clips; two flutes are mistaken."""
    return table([(f"c{i}", "cello", 0.9) for i in range(4)] + [(f"f{i}", "flute", 0.1 + 0.2 * i) for i in range(4)])


def test_the_surest_mistake_comes_first(clips):
    found = mistakes(clips, LABELS)
    assert found["clip"].tolist() == ["f3", "f2"] and found.predicted.tolist() == ["cello", "cello"]
    assert found.off.tolist() == [0.7, 0.5]
    assert mistakes(clips[:4], LABELS).empty


def test_of_several_labels_the_one_furthest_off_is_named():
    both = table([("x", "cello|flute", 0.2), ("y", "", 0.9)])
    found = mistakes(both, LABELS, task="multi-label")
    assert found["clip"].tolist() == ["y", "x"] and found.predicted.tolist() == ["cello", "flute"]
    assert found.off.tolist() == [0.9, 0.8]  # y has no cello; in x it was missed
    assert clip_level(both).shape == both.shape


def test_examples_are_sure_right_and_wrong_and_labels_take_turns(clips):
    found = choose_examples(clips, LABELS, each=3)
    assert found["clip"].tolist() == ["c0", "f0", "c1", "f3", "f2"]
    assert found.right.tolist() == [True] * 3 + [False] * 2
    assert found.predicted.tolist() == ["cello", "flute", "cello", "cello", "cello"]


def test_without_clips_there_are_no_examples(clips):
    assert choose_examples(clips[:0], LABELS).empty
    assert choose_examples(clips[:4], LABELS, each=2).right.tolist() == [True, True]
