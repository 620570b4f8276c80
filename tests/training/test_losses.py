"""Losses: against their formulas, and against scikit-learn."""

import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from kerasinst.core.errors import BadInput
from kerasinst.training import losses
from kerasinst.training.losses.iou_like import MissAndFalseAlarmRate

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.dirichlet(np.ones(4), 6).astype("float32")
ONE = np.eye(4, dtype="float32")[RANDOM.integers(0, 4, 6)]
MANY = (RANDOM.random((6, 4)) < 0.4).astype("float32")


def _value(name, task, targets, scores=SCORES, **options):
    return float(losses.create(name, task, **options)(targets, scores))


def test_cross_entropies_equal_scikit_learn():
    assert _value("categorical_crossentropy", "single-label", ONE) == pytest.approx(log_loss(ONE, SCORES), rel=1e-5)
    each = np.mean([log_loss(MANY[:, k], SCORES[:, k], labels=[0, 1]) for k in range(4)])
    assert _value("binary_crossentropy", "multi-label", MANY) == pytest.approx(each, rel=1e-4)
    assert _value("mean_squared_error", "multi-label", MANY) == pytest.approx(
        mean_squared_error(MANY, SCORES), rel=1e-5
    )


def test_label_smoothing_spreads_a_share_over_all_labels():
    smooth = 0.9 * ONE + 0.1 / 4
    expected = -np.mean(np.sum(smooth * np.log(SCORES), axis=1))
    value = _value("categorical_crossentropy", "single-label", ONE, label_smoothing=0.1)
    assert value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_follows_its_formula(gamma):
    p = np.sum(ONE * SCORES, axis=1)
    value = _value("focal", "single-label", ONE, gamma=gamma)
    assert value == pytest.approx(np.mean(-((1 - p) ** gamma) * np.log(p)), rel=1e-5)
    p = np.where(MANY == 1, SCORES, 1 - SCORES)
    each = -((1 - p) ** gamma) * np.log(p)
    assert _value("focal", "multi-label", MANY, gamma=gamma) == pytest.approx(each.mean(), rel=1e-4)
    weighted = np.mean(np.where(MANY == 1, 0.7, 0.3) * each)
    assert _value("focal", "multi-label", MANY, gamma=gamma, alpha=0.7) == pytest.approx(weighted, rel=1e-4)


def test_missed_and_false_is_the_discrete_count_where_scores_are_0_or_1():
    decided = (RANDOM.random((6, 4)) < 0.5).astype("float32")
    missed, false = np.sum(MANY * (1 - decided)), np.sum((1 - MANY) * decided)
    expected = missed / MANY.sum() + false / (1 - MANY).sum()
    assert _value("iou_like", "multi-label", MANY, decided) == pytest.approx(expected, rel=1e-5)
    rate = MissAndFalseAlarmRate()
    for part in (slice(0, 2), slice(2, 6)):
        rate.update_state(MANY[part], decided[part])
    assert float(rate.result()) == pytest.approx(expected, rel=1e-5)


def test_missed_and_false_is_finite_where_nothing_or_everything_plays():
    for targets in (np.zeros_like(MANY), np.ones_like(MANY)):
        assert np.isfinite(_value("iou_like", "multi-label", targets))


def test_missed_and_false_has_a_gradient_that_lowers_it():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(4, activation="sigmoid")(inputs))
    model.compile(keras.optimizers.SGD(1.0), losses.create("iou_like", "multi-label"))
    before = model.evaluate(SCORES, MANY, verbose=0)
    model.fit(SCORES, MANY, epochs=20, verbose=0)
    assert model.evaluate(SCORES, MANY, verbose=0) < 0.8 * before


@pytest.mark.parametrize("task", ["single-label", "multi-label"])
@pytest.mark.parametrize("name", losses.names())
def test_every_loss_suits_the_task_or_says_which_it_needs(name, task):
    try:
        value = _value(name, task, ONE if task == "single-label" else MANY)
    except BadInput as error:
        assert "task: " in str(error) and "\n" not in str(error)
    else:
        assert np.isfinite(value)


def test_wrong_options_are_refused():
    with pytest.raises(BadInput, match="gamma=-1"):
        losses.create("focal", "single-label", gamma=-1)
    with pytest.raises(BadInput, match="did you mean 'focal'"):
        losses.create("focl", "single-label")
