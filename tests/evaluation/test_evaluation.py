"""Figures: against scikit-learn, SciPy and published definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs

from kerasinst import evaluation

LABELS = ["cello", "clarinet", "flute"]


def _table(n: int, seed: int, labels=LABELS) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    true = random.integers(len(labels), size=n)
    scores = random.dirichlet(np.ones(len(labels)), size=n) + np.eye(len(labels))[true] * random.uniform(0, 1, (n, 1))
    about = {
        "clip": [f"{index // 2}.wav" for index in range(n)],
        "group": [f"g{index // 4}" for index in range(n)],
        "labels": [labels[index] for index in true],
        "split": "test",
    }
    return pd.DataFrame({**about, **dict(zip(labels, (scores / scores.sum(axis=1, keepdims=True)).T, strict=True))})


@given(st.integers(10, 200), st.integers(0, 50))
def test_figures_equal_scikit_learn(n, seed):
    table = _table(n, seed)
    true, predicted = table.labels, table[LABELS].idxmax(axis=1)
    present = sorted(set(true))
    ours = evaluation.measure(table, LABELS)
    precision, recall, f1, _ = theirs.precision_recall_fscore_support(
        true, predicted, labels=present, average="macro", zero_division=0
    )
    assert ours["accuracy"] == pytest.approx(theirs.accuracy_score(true, predicted), abs=1e-6)
    assert (ours["macro_precision"], ours["macro_recall"], ours["macro_f1"]) == pytest.approx(
        (precision, recall, f1), abs=1e-6
    )
    assert ours["micro_f1"] == pytest.approx(theirs.f1_score(true, predicted, average="micro"), abs=1e-6)
    assert ours["confusion"] == theirs.confusion_matrix(true, predicted, labels=LABELS).tolist()
    low, high = ours["accuracy_ci95"]
    assert 0 <= low <= ours["accuracy"] <= high <= 1


def test_a_label_that_does_not_occur_does_not_pull_the_macro_figures_down():
    table = _table(60, 1, LABELS[:2]).assign(flute=0.0)
    assert evaluation.measure(table, LABELS)["macro_f1"] == evaluation.measure(table, LABELS[:2])["macro_f1"]
    assert evaluation.measure(table, LABELS)["per_label"]["flute"] == {"precision": 0, "recall": 0, "f1": 0, "n": 0}


def test_clip_level_is_the_mean_of_segments():
    table = pd.DataFrame(
        {
            "clip": ["a", "a", "b"],
            "group": ["g", "g", "h"],
            "labels": ["cello", "cello", "flute"],
            "split": "test",
            "cello": [0.9, 0.2, 0.4],
            "flute": [0.1, 0.8, 0.6],
        }
    )
    clips = evaluation.clip_level(table)
    assert clips["clip"].tolist() == ["a", "b"]
    np.testing.assert_allclose(clips[["cello", "flute"]], [[0.55, 0.45], [0.4, 0.6]])
    figures = evaluation.evaluate(table, ["cello", "flute"])
    assert figures["clip"]["accuracy"] == 1.0
    assert figures["segment"]["accuracy"] == pytest.approx(2 / 3, abs=1e-6)


def test_calibration_error_equals_its_definition():
    confidence, correct = np.array([0.95, 0.95, 0.55, 0.55]), np.array([1, 1, 1, 0])
    assert evaluation.expected_calibration_error(confidence, correct, bins=10) == pytest.approx(0.05)
    assert evaluation.expected_calibration_error(np.array([1.0, 1.0]), np.array([1, 1])) == 0
    assert evaluation.expected_calibration_error(np.array([0.0]), np.array([0])) == 0


def test_the_interval_of_independent_clips_is_that_of_the_binomial():
    correct = np.arange(400) < 300
    low, high = evaluation.bootstrap_accuracy(correct, np.arange(400))
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - half, 0.75 + half), abs=0.01)


def test_groups_widen_the_interval_and_the_seed_fixes_it():
    correct = np.repeat([True, False, True, True], 100)
    grouped = evaluation.bootstrap_accuracy(correct, np.repeat(range(4), 100))
    alone = evaluation.bootstrap_accuracy(correct, np.arange(400))
    assert grouped[1] - grouped[0] > 5 * (alone[1] - alone[0])
    assert grouped == evaluation.bootstrap_accuracy(correct, np.repeat(range(4), 100))
    assert evaluation.bootstrap_accuracy(np.ones(9), np.arange(9)) == (1.0, 1.0)


def test_many_labels_are_measured_as_scikit_learn_does():
    random = np.random.default_rng(3)
    labels = ["a", "b", "c"]
    truth = random.random((40, 3)) < 0.4
    scores = np.clip(0.6 * truth + random.random((40, 3)) * 0.6, 0, 1)
    table = pd.DataFrame(
        {
            "clip": [f"{index}" for index in range(40)],
            "group": [f"{index // 2}" for index in range(40)],
            "labels": ["|".join(np.array(labels)[row]) for row in truth],
            "split": "test",
            **{label: scores[:, index] for index, label in enumerate(labels)},
        }
    )
    found = evaluation.measure_multilabel(table, labels)
    reported = scores >= 0.5
    assert found["accuracy"] == pytest.approx(theirs.accuracy_score(truth, reported), abs=1e-6)
    assert found["macro_f1"] == pytest.approx(theirs.f1_score(truth, reported, average="macro"), abs=1e-6)
    assert found["micro_f1"] == pytest.approx(theirs.f1_score(truth, reported, average="micro"), abs=1e-6)
    average = theirs.average_precision_score(truth, scores, average="macro")
    assert found["mean_average_precision"] == pytest.approx(average, abs=1e-6)
    assert found["recall_playing"] == pytest.approx((truth & reported).sum() / truth.sum(), abs=1e-6)
    assert found["false_positives_per_frame"] == pytest.approx((~truth & reported).sum() / 40, abs=1e-6)
    low, high = found["accuracy_ci95"]
    assert low < found["accuracy"] < high


def test_with_several_labels_a_clip_is_right_if_the_best_is_among_them():
    """The protocol of IRMAS's test clips."""
    rows = [
        ("a", "cello|flute", [0.9, 0.1, 0.0]),
        ("b", "flute", [0.8, 0.1, 0.1]),
        ("c", "oboe|flute", [0.2, 0.7, 0.1]),
    ]
    labels = ["cello", "flute", "oboe"]
    columns = ["clip", "group", "labels", "split"]
    about = pd.DataFrame([(clip, clip, named, "test") for clip, named, _ in rows], columns=columns)
    table = pd.concat([about, pd.DataFrame([scores for *_, scores in rows], columns=labels)], axis=1)
    figures = evaluation.measure(table, labels)
    assert figures["accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    true, named = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 1]]), np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0]])
    expected = theirs.precision_recall_fscore_support(true, named, zero_division=0)
    for index, label in enumerate(labels):
        row = figures["per_label"][label]
        assert [row["precision"], row["recall"], row["f1"], row["n"]] == pytest.approx(
            [each[index] for each in expected], abs=1e-6
        )
    assert figures["micro_f1"] == pytest.approx(theirs.f1_score(true, named, average="micro"), abs=1e-6)
    assert "confusion" not in figures
