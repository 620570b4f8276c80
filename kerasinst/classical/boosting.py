"""Gradient-boosted trees of XGBoost, for labels of any kind."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelEncoder


class GradientBoosting(ClassifierMixin, BaseEstimator):
    """XGBoost's classifier, which by itself takes only the labels 0, 1, 2 and so on.

    Args:
        n_estimators: rounds.
        max_depth: of a tree.
        learning_rate: share of each tree that is added.
        seed: of what is random.

    Example:
        >>> GradientBoosting().fit(statistics, ["cello", "flute", "cello"]).predict(statistics[:1])
        array(['cello'], dtype='<U5')

    Source: Chen and Guestrin, XGBoost: A Scalable Tree Boosting System, KDD 2016.
    """

    def __init__(self, n_estimators=100, max_depth=6, *, learning_rate=0.3, seed=0):
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, features, labels):
        """Grows the trees."""
        from xgboost import XGBClassifier

        self.encoder_ = LabelEncoder().fit(labels)
        self.classes_ = self.encoder_.classes_
        self.trees_ = XGBClassifier(
            n_estimators=self.n_estimators,
            max_depth=self.max_depth,
            learning_rate=self.learning_rate,
            random_state=self.seed,
            n_jobs=1,
        )
        self.trees_.fit(np.asarray(features), self.encoder_.transform(labels))
        return self

    def predict_proba(self, features):
        """Scores of the labels `classes_`, of shape `(samples, labels)`."""
        return self.trees_.predict_proba(np.asarray(features))

    def predict(self, features):
        """The label with the best score."""
        return self.classes_[self.predict_proba(features).argmax(axis=1)]
