"""Fits one model to each label, for clips with several labels."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GroupKFold

FOLDS = 3
"""Number of folds of the training groups on which scores are calibrated."""


class OneVsRest(ClassifierMixin, BaseEstimator):
    """One calibrated model for each label, fitted to the samples of which the label was judged.

    Scores are calibrated by Platt's sigmoid on folds of whole groups, where each fold has both answers. A label with
    one answer alone is always scored by it.

    Args:
        models: fitted model of each label.
        labels: names of the labels.

    Example:
        >>> make = lambda features, answers, *, groups: create("naive_bayes")
        >>> fit_one_vs_rest(make, statistics, truth=truth, labels=["cello", "flute"], groups=groups)

    Source: Platt, Probabilistic Outputs for Support Vector Machines (1999), by scikit-learn's `CalibratedClassifierCV`.
    """

    def __init__(self, models: Sequence[ClassifierMixin] = (), *, labels: Sequence[str] = ()) -> None:
        self.models = models
        self.labels = labels

    @property
    def classes_(self) -> np.ndarray:
        """Labels in the order of scores."""
        return np.array(self.labels, dtype=object)

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Scores each label on its own, shape `(samples, labels)`."""
        return np.stack([_score(model, features) for model in self.models], axis=1)

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Tells which labels have scores of at least one half, shape `(samples, labels)`."""
        return self.predict_proba(features) >= 0.5


def fit_one_vs_rest(
    make: Callable[..., ClassifierMixin],
    features: np.ndarray,
    *,
    truth: np.ndarray,
    labels: Sequence[str],
    groups: np.ndarray,
) -> OneVsRest:
    """Fits a model to each label.

    Args:
        make: makes the model of a label, called with the features and the answers of its samples, and their `groups`.
            The model is not fitted, or has parameters that were chosen on these samples.
        features: features of shape `(samples, features)`.
        truth: 1 for each label that a sample has and 0 for others, `(samples, labels)`; NaN where nobody judged.
        labels: names of the labels.
        groups: group of each sample, `(samples,)`.
    """
    models = []
    for column in truth.T:
        judged = ~np.isnan(column)
        answers = (column[judged] >= 0.5).astype(int)
        models.append(_fit(make, features[judged], answers, groups[judged]))
    return OneVsRest(models, labels=list(labels))


def _score(model: ClassifierMixin, features: np.ndarray) -> np.ndarray:
    """Scores one label, shape `(samples,)`."""
    classes = list(model.classes_)
    return model.predict_proba(features)[:, classes.index(1)] if 1 in classes else np.zeros(len(features))


def _fit(
    make: Callable[..., ClassifierMixin],
    features: np.ndarray,
    answers: np.ndarray,
    groups: np.ndarray,
) -> ClassifierMixin:
    """Fits and calibrates the model of one label."""
    if len(np.unique(answers)) < 2:
        constant = int(answers[0]) if len(answers) else 0
        return DummyClassifier(strategy="constant", constant=constant).fit(np.zeros((1, 1)), [constant])
    model = make(features, answers, groups=groups)
    folds = []
    if len(np.unique(groups)) >= FOLDS:
        folds = list(GroupKFold(FOLDS).split(features, answers, groups))
    if not folds or any(len(np.unique(answers[part])) < 2 for fold in folds for part in fold):
        return model.fit(features, answers)
    return CalibratedClassifierCV(model, method="sigmoid", cv=folds, ensemble=False).fit(features, answers)
