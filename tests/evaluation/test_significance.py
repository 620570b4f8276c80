import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels
from statsmodels.stats.multitest import multipletests

from kerasinst.evaluation import bootstrap_f1, compare_f1, holm, mcnemar
from kerasinst.evaluation.intervals import counts, difference_interval, macro_f1

judged = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)


@given(judged)
def test_mcnemar_equals_statsmodels(pairs):
    one, other = np.array(pairs).T
    table = [[sum(one & other), sum(one & ~other)], [sum(~one & other), sum(~one & ~other)]]
    assert mcnemar(one, other) == pytest.approx(mcnemar_of_statsmodels(table, exact=True).pvalue)


def test_mcnemar_draws_whole_groups():
    random = np.random.default_rng(0)
    groups, alarms = np.repeat(np.arange(20), 8), 0
    for _ in range(200):
        one, other = (np.repeat(random.random(20) < 0.7, 8) for _ in range(2))  # groups stand and fall together
        alarms += mcnemar(one, other, groups=groups, draws=499) < 0.05
    assert alarms / 200 < 0.1
    one, other = random.random((2, 60)) < [[0.9], [0.6]]
    pairs = np.repeat(np.arange(30), 2)
    assert mcnemar(one, other, groups=np.arange(60)) == mcnemar(one, other)  # one clip a group is the exact test
    assert mcnemar(one, other, groups=pairs) == pytest.approx(mcnemar(one, other), abs=0.05)


def test_mcnemar_wants_the_same_clips():
    with pytest.raises(ValueError, match="same clips"):
        mcnemar(np.ones(3), np.ones(4))


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_equals_statsmodels(p_values):
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50))
def test_macro_f1_equals_scikit_learn(pairs):
    true, predicted = np.array(pairs).T
    ours = macro_f1(counts(true, predicted, groups=np.arange(len(true)) // 2, n_labels=4).sum(axis=0))
    theirs = f1_score(true, predicted, labels=np.unique(true), average="macro", zero_division=0)
    assert ours == pytest.approx(theirs)


@pytest.fixture
def answers():
    random = np.random.default_rng(0)
    true = random.integers(5, size=200)
    good = np.where(random.random(200) < 0.9, true, random.integers(5, size=200))
    bad = np.where(random.random(200) < 0.3, true, random.integers(5, size=200))
    return true, good, bad, np.arange(200) // 2


def test_the_paired_bootstrap_tells_a_good_model_from_a_bad_one(answers):
    true, good, bad, groups = answers
    difference, (low, high), p = compare_f1(true, good, other_predicted=bad, groups=groups, n_labels=5)
    assert difference == pytest.approx(f1_score(true, good, average="macro") - f1_score(true, bad, average="macro"))
    assert 0 < low < difference < high and p < 0.01
    assert compare_f1(true, bad, other_predicted=good, groups=groups, n_labels=5)[2] == p


def test_a_model_does_not_differ_from_itself(answers):
    true, good, _, groups = answers
    assert compare_f1(true, good, other_predicted=good, groups=groups, n_labels=5) == (0, (0, 0), 1)


@pytest.mark.parametrize("clips", [15, 60])
def test_equal_models_are_rarely_called_different(clips):
    random = np.random.default_rng(1)
    true = random.integers(3, size=clips)
    alarms = 0
    for _ in range(400):
        one, other = (np.where(random.random(clips) < 0.7, true, random.integers(3, size=clips)) for _ in range(2))
        alarms += compare_f1(true, one, other_predicted=other, groups=np.arange(clips), n_labels=3, draws=200)[2] < 0.05
    assert alarms / 400 < 0.08


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=40))
def test_macro_f1_of_several_labels_equals_scikit_learn(rows):
    true, predicted = np.array(rows)[:, :2], np.array(rows)[:, 2:]
    ours = macro_f1(counts(true, predicted, groups=np.arange(len(rows)), n_labels=2).sum(axis=0))
    occur = np.flatnonzero(true.any(axis=0))
    theirs = f1_score(true, predicted, labels=occur, average="macro", zero_division=0) if len(occur) else 0
    assert ours == pytest.approx(theirs)


def test_the_interval_of_a_difference_is_newcombes():
    """56 of 70 against 48 of 80, from the Wilson intervals of both: Newcombe (1998), table II, method 10."""
    low, high = difference_interval(56 / 70, (0.6917, 0.8768), other=48 / 80, other_interval=(0.4904, 0.7005))
    assert (low, high) == (pytest.approx(0.0524, abs=2e-4), pytest.approx(0.3339, abs=2e-4))


def test_the_interval_of_f1_holds_it_and_widens_where_groups_stand_and_fall_together(answers):
    true, good, _, groups = answers
    low, high = bootstrap_f1(true, good, groups=groups, n_labels=5)
    assert low < f1_score(true, good, average="macro") < high
    true, good = np.repeat(true[:40], 5), np.repeat(np.where(np.arange(40) % 5, true[:40], (true[:40] + 1) % 5), 5)
    narrow, wide = (
        np.ptp(bootstrap_f1(true, good, groups=each, n_labels=5)) for each in (np.arange(200), np.arange(200) // 5)
    )
    assert narrow < 0.7 * wide
    assert bootstrap_f1(true, true, groups=groups, n_labels=5) == (1, 1)
