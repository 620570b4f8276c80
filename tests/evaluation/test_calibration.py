"""Calibration: against scikit-learn and against scores whose temperature is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from kerasinst.evaluation import at_temperature, expected_calibration_error, fit_temperature, reliability


@pytest.fixture
def judged():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.01, 1, 2000)
    return confidence, random.random(2000) < confidence**2


def test_reliability_equals_scikit_learn(judged):
    confidence, correct = judged
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    found = reliability(confidence, correct, bins=10)
    np.testing.assert_allclose(found.accuracy, accuracy)
    np.testing.assert_allclose(found.confidence, mean)
    assert found.n.sum() == 2000 and found.low[0] == 0 and found.high.iloc[-1] == 1


def test_the_error_is_the_weighted_gap(judged):
    found = reliability(*judged)
    expected = (found.n / found.n.sum() * abs(found.accuracy - found.confidence)).sum()
    assert expected_calibration_error(*judged) == pytest.approx(expected)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_found(temperature):
    random = np.random.default_rng(1)
    scores = random.dirichlet(np.ones(4), size=20000)
    truth = np.array([random.choice(4, p=row) for row in at_temperature(scores, temperature)])
    assert fit_temperature(scores, truth) == pytest.approx(temperature, rel=0.05)


def test_temperature_mends_calibration_and_changes_no_answer():
    random = np.random.default_rng(2)
    honest = random.dirichlet(np.ones(4), size=5000)
    truth = np.array([random.choice(4, p=row) for row in honest])
    too_sure = at_temperature(honest, 0.3)
    mended = at_temperature(too_sure, fit_temperature(too_sure, truth))
    errors = [
        expected_calibration_error(each.max(axis=1), each.argmax(axis=1) == truth)
        for each in (too_sure, mended, honest)
    ]
    assert errors[0] > 0.1 > 0.03 > errors[1]
    np.testing.assert_array_equal(too_sure.argmax(axis=1), mended.argmax(axis=1))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(lambda row: sum(row) > 0.01), st.floats(0.1, 10))
def test_scores_stay_scores(row, temperature):
    scores = np.array([row]) / sum(row)
    np.testing.assert_allclose(at_temperature(scores, temperature).sum(axis=1), 1)
    np.testing.assert_allclose(at_temperature(scores, 1.0), scores, atol=5e-6)  # the smallest are lifted
