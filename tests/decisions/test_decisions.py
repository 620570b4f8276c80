"""Decisions: what each step reports, what it learns, and that it is stored as it is."""

import json

import numpy as np
import pytest
import scipy.ndimage
from sklearn.metrics import f1_score

from kerasinst import decisions
from kerasinst.core.errors import BadInput
from kerasinst.core.registry import DECISIONS
from kerasinst.decisions.steps import LabelStep, Recording, Rule, ScoreStep
from kerasinst.deployment import decide

LABELS = ["cello", "flute", "oboe", "piano"]


@pytest.fixture
def recordings():
    """Three recordings whose scores tell the truth, more or less, and one label that never sounds."""
    random = np.random.default_rng(0)
    made = []
    for frames in (50, 80, 30):
        truth = (random.random((frames, 4)) < [0.6, 0.3, 0.1, 0.0]).astype(float)
        scores = np.clip(0.3 * truth + random.normal([0.4, 0.3, 0.2, 0.3], 0.15, (frames, 4)), 0, 1)
        made.append(Recording(scores, truth))
    return made


def _all(recordings, decision):
    """What a decision reports and what is true in all recordings, and the number of frames."""
    reported = np.concatenate([decision(scores) for scores, _ in recordings])
    return reported, np.concatenate([truth for _, truth in recordings]).astype(bool)


@pytest.mark.parametrize("name", decisions.names())
def test_every_step_keeps_its_contract(name, recordings):
    made = DECISIONS.get(name)
    rule = {name: {}} if issubclass(made, Rule) else {"threshold": {}}
    steps = [] if issubclass(made, Rule) else [{name: {}}]
    assert issubclass(made, Rule | ScoreStep | LabelStep)
    decision = decisions.Decision(rule, steps, labels=LABELS, hop_seconds=0.1).fit(recordings)
    restored = decisions.from_config(json.loads(json.dumps(decision.get_config(), allow_nan=False)))
    for scores, _ in [*recordings, (np.zeros((1, 4)), None), (np.ones((3, 4)), None), (np.zeros((0, 4)), None)]:
        before = scores.copy()
        reported = decision(scores)
        assert reported.shape == scores.shape and reported.dtype == bool
        np.testing.assert_array_equal(reported, restored(scores))
        np.testing.assert_array_equal(scores, before)


def test_argmax_and_top_n_report_always_as_many(recordings):
    for rule, n in (("argmax", 1), ("top_n", 3)):
        reported, _ = _all(recordings, decisions.create(rule))
        assert (reported.sum(axis=1) == n).all()
    assert decisions.create("top_n", n=2)(np.array([[0.5, 0.5, 0.5]])).tolist() == [[True, True, False]]


def test_thresholds_for_f1_are_the_best_there_are(recordings):
    one = decisions.create("threshold", labels=LABELS).fit(recordings)
    reported, truth = _all(recordings, one)
    scores = np.concatenate([each.scores for each in recordings])
    best = max(f1_score(truth, scores >= value, average="micro") for value in np.unique(scores))
    assert f1_score(truth, reported, average="micro") == pytest.approx(best)
    own = decisions.create("threshold", by="label", labels=LABELS).fit(recordings)
    reported, _ = _all(recordings, own)
    for column in range(3):
        best = max(f1_score(truth[:, column], scores[:, column] >= value) for value in np.unique(scores))
        assert f1_score(truth[:, column], reported[:, column]) == pytest.approx(best)
    assert own.rule.thresholds[3] == one.rule.thresholds  # which never sounds


@pytest.mark.parametrize("by", ["all", "label"])
def test_a_budget_of_false_reports_is_kept_and_used(recordings, by):
    goal = {"goal": "false_positives", "false_positives": 0.2}
    reported, truth = _all(recordings, decisions.create("threshold", by=by, labels=LABELS, **goal).fit(recordings))
    false, found = (~truth & reported).sum() / len(truth), (truth & reported).sum()
    assert false <= 0.2
    scores = np.concatenate([each.scores for each in recordings])
    within = [value for value in np.unique(scores) if (~truth & (scores >= value)).sum() / len(truth) <= 0.2]
    best = max((truth & (scores >= value)).sum() for value in within)
    assert found == best if by == "all" else found >= best


def test_the_trade_off_is_that_of_the_study(recordings):
    reported, truth = _all(recordings, decisions.create("threshold", goal="trade_off").fit(recordings))
    scores = np.concatenate([each.scores for each in recordings])

    def cost(reported):
        return (truth & ~reported).sum() / truth.sum() + (~truth & reported).sum() / (~truth).sum()

    assert cost(reported) == pytest.approx(min(cost(scores >= value) for value in np.unique(scores)))


def test_hybrid_reports_at_most_n_and_only_what_reaches_its_threshold(recordings):
    decision = decisions.create("hybrid", n=2, labels=LABELS).fit(recordings)
    reported, _ = _all(recordings, decision)
    assert (reported.sum(axis=1) <= 2).all() and (reported.sum(axis=1) < 2).any()
    scores = np.concatenate([each.scores for each in recordings])
    assert (scores[reported] >= np.broadcast_to(decision.rule.thresholds, scores.shape)[reported]).all()


def test_count_reports_as_many_as_sound():
    random = np.random.default_rng(1)
    truth = (random.random((400, 6)) < 0.3).astype(float)
    scores = np.clip(0.2 + 0.4 * truth + random.normal(0, 0.01, truth.shape), 0, 1)
    reported = decisions.create("count").fit([Recording(scores, truth)])(scores)
    np.testing.assert_array_equal(reported, truth.astype(bool))
    assert (decisions.create("count", most=1).fit([Recording(scores, truth)])(scores).sum(axis=1) <= 1).all()


@pytest.mark.parametrize(
    ("rule", "options"),
    [("threshold", {}), ("threshold", {"by": "label"}), ("threshold", {"goal": "trade_off"}), ("count", {})],
)
def test_scores_of_labels_that_nobody_judged_change_nothing(recordings, rule, options):
    random = np.random.default_rng(2)
    known, other = [], []
    for scores, truth in recordings:
        hidden = random.random(truth.shape) < 0.2
        known.append(Recording(scores, np.where(hidden, np.nan, truth)))
        other.append(Recording(np.where(hidden, 1 - scores, scores), np.where(hidden, np.nan, truth)))
    one, two = (decisions.create(rule, labels=LABELS, **options).fit(each) for each in (known, other))
    assert one.get_config() == two.get_config() != decisions.create(rule, labels=LABELS, **options).get_config()


def test_mean_subtraction_evens_out_what_labels_score_on_average(recordings):
    decision = decisions.Decision({"top_n": {"n": 1}}, [{"mean_subtraction": {}}]).fit(recordings)
    scores = np.concatenate([each.scores for each in recordings])
    shifted = decision.steps[0](scores)
    np.testing.assert_allclose(shifted.mean(axis=0), scores.mean())
    always = np.ones((20, 1)) * [0.9, 0.1]
    biased = Recording(always + np.random.default_rng(3).normal(0, 0.05, always.shape), np.tile([1.0, 0.0], (20, 1)))
    fair = decisions.Decision({"argmax": {}}, [{"mean_subtraction": {}}]).fit([biased])
    assert 0.2 < fair(biased.scores)[:, 0].mean() < 0.8  # without it: 1.0


def test_the_median_is_that_of_scipy():
    scores = np.random.default_rng(4).random((40, 3))
    step = DECISIONS.get("median")(seconds=0.5, hop_seconds=0.1)
    np.testing.assert_allclose(step(scores), scipy.ndimage.median_filter(scores, (5, 1), mode="nearest"))
    assert DECISIONS.get("median")(seconds=0.1, hop_seconds=0.1)(scores) is scores


def test_a_minimum_length_closes_gaps_first():
    reported = np.array([[1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1]], bool).T
    step = DECISIONS.get("minimum_length")(seconds=0.3, gap_seconds=0.2, hop_seconds=0.1)
    assert step(reported, reported * 1.0, thresholds=None).ravel().tolist() == [True] * 4 + [False] * 7


@pytest.mark.parametrize(
    ("rule", "steps", "message"),
    [
        ({"top_m": {}}, [], "there is no decision 'top_m'; did you mean 'top_n'"),
        ({"top_n": {"n": 0}}, [], "top_n: n=0 must be a whole number of at least 1"),
        ({"top_n": {"m": 1}}, [], "decision 'top_n' has no 'm'"),
        ({"median": {}}, [], "'median' is no rule, but a step"),
        ({"argmax": {}}, [{"top_n": {}}], "'top_n' is a rule"),
        ({"threshold": {"value": {"tuba": 0.5}}}, [], "the model has no label 'tuba', only cello, flute, oboe, piano"),
        ({"threshold": {"value": 1.5}}, [], "value=1.5 must be a number from 0 to 1"),
        ({"threshold": {"goal": "f2"}}, [], "expected f1, false_positives or trade_off"),
        ({"threshold": {"by": "clip"}}, [], "expected all or label"),
        ({"threshold": {"false_positives": 0}}, [], "false_positives=0 must be a number above 0"),
        ({"count": {"most": 0}}, [], "most=0"),
        ({"argmax": {}}, [{"minimum_length": {"seconds": -1}}], "must be a number of at least 0"),
        ({"argmax": {}}, [{"median": {"seconds": 0}}], "must be a number above 0"),
        ({"argmax": {}}, [{"median": {"seconds": float("inf")}}], "seconds=inf must be a number above 0"),
        ({"argmax": {}}, [{"minimum_length": {"seconds": float("nan")}}], "seconds=nan must be"),
        ({"argmax": {}}, [{"median": {"seconds": "1"}}], "seconds=1 must be a number"),
        ({"top_n": {}}, [{"hysteresis": {}}], "hysteresis needs a rule with thresholds"),
    ],
)
def test_wrong_options_are_one_clear_line(rule, steps, message):
    with pytest.raises(BadInput, match=message):
        decisions.Decision(rule, steps, labels=LABELS)


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ({"argmax": {}}, []),
        ({"top_n": {"n": 2}}, [{"mean_subtraction": {}}]),
        ({"threshold": {"by": "label"}}, [{"median": {"seconds": 0.5}}, {"hysteresis": {"share": 0.6}}]),
        ({"hybrid": {"n": 1}}, [{"hysteresis": {}}, {"minimum_length": {"seconds": 0.3, "gap_seconds": 0.3}}]),
        ({"count": {"most": 2}}, [{"median": {}}, {"minimum_length": {}}]),
        ({"threshold": {"value": {"flute": 0.3}}}, []),
    ],
)
@pytest.mark.parametrize("by_frame", [True, False])
def test_the_file_beside_an_exported_model_decides_alike(rule, steps, by_frame, recordings):
    decision = decisions.Decision(rule, steps, labels=LABELS, hop_seconds=0.1, by_frame=by_frame).fit(recordings)
    config = json.loads(json.dumps(decision.get_config()))
    for scores, _ in recordings:
        np.testing.assert_array_equal(decide.decide(scores, config), decision(scores))
        np.testing.assert_array_equal(decide.of_recording(scores, config), decision.of_recording(scores))


def test_hybrid_has_the_best_thresholds_there_are():
    """Against all thresholds of a label, where the label can only be reported among the best two."""
    random = np.random.default_rng(3)
    for _ in range(30):
        truth = (random.random((25, 3)) < 0.4).astype(float)
        scores = np.clip(0.3 * truth + random.normal(0.3, 0.2, truth.shape), 0, 1)
        fitted = decisions.create("hybrid", n=2, labels=LABELS[:3]).fit([Recording(scores, truth)])
        among = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1) < 2
        reported = fitted(scores)
        for label in range(3):
            best = max(
                f1_score(truth[:, label], (scores[:, label] >= each) & among[:, label], zero_division=0)
                for each in [*np.unique(scores[:, label]), 2.0]
            )
            assert f1_score(truth[:, label], reported[:, label], zero_division=0) == pytest.approx(best)
