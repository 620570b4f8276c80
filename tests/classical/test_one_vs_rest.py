"""Classical models of several labels: calibration, labels that nobody judged, and labels with one answer."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GroupKFold

from kerasinst import classical
from kerasinst.classical.one_vs_rest import FOLDS, fit_one_vs_rest

LABELS = ["cello", "flute", "drums"]


@pytest.fixture
def samples():
    """Ninety samples in thirty groups; two labels that a feature each tells, and one that never sounds."""
    random = np.random.default_rng(0)
    truth = np.zeros((90, 3))
    truth[:, :2] = random.random((90, 2)) < 0.4
    features = random.standard_normal((90, 6))
    features[:, :2] += 3 * truth[:, :2]
    return features, truth, np.arange(90) // 3


def _fit(features, truth, groups, *, name="svm_rbf"):
    def make(given, answers, *, groups):
        return classical.create(name)

    return fit_one_vs_rest(make, features, truth=truth, labels=LABELS, groups=groups)


def test_each_label_is_the_calibrated_model_of_scikit_learn(samples):
    features, truth, groups = samples
    model = _fit(features, truth, groups)
    folds = list(GroupKFold(FOLDS).split(features, truth[:, 0], groups))
    alone = CalibratedClassifierCV(classical.create("svm_rbf"), method="sigmoid", cv=folds, ensemble=False)
    expected = alone.fit(features, truth[:, 0].astype(int)).predict_proba(features)[:, 1]
    np.testing.assert_allclose(model.predict_proba(features)[:, 0], expected, atol=1e-9)
    assert (model.predict(features)[:, :2] == truth[:, :2]).mean() > 0.9


def test_a_label_that_never_or_always_sounds_is_scored_by_that(samples):
    features, truth, groups = samples
    truth[:, 1] = 1
    scores = _fit(features, truth, groups).predict_proba(features)
    assert (scores[:, 2] == 0).all() and (scores[:, 1] == 1).all()


def test_answers_that_nobody_gave_change_nothing(samples):
    features, truth, groups = samples
    unjudged = truth.copy()
    unjudged[::7, 0] = np.nan
    kept = ~np.isnan(unjudged[:, 0])
    without = _fit(features[kept], truth[kept], groups[kept]).predict_proba(features)[:, 0]
    np.testing.assert_array_equal(_fit(features, unjudged, groups).predict_proba(features)[:, 0], without)


@pytest.mark.parametrize("name", classical.names())
def test_they_survive_saving(name, samples, tmp_path):
    features, truth, groups = samples
    model = _fit(features, truth, groups, name=name)
    classical.save(model, tmp_path / "model.skops")
    again = classical.load(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict_proba(features), model.predict_proba(features))
    assert list(again.classes_) == LABELS
