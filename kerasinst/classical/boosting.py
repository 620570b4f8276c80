"""Gradient-boosted trees of XGBoost, for labels of any kind."""

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelEncoder


class GradientBoosting(ClassifierMixin, BaseEstimator):
    """Wraps the classifier of XGBoost, which by itself takes only the labels 0, 1, 2 and so on.

    Args:
        n_estimators: number of boosting rounds.
        max_depth: largest depth of a tree.
        learning_rate: share of each tree that is added.
        seed: seed of everything random.

    Attributes:
        classes_: labels in the order of scores.

    Example:
        >>> GradientBoosting().fit(statistics, ["cello", "flute", "cello"]).predict(statistics[:1])
        array(['cello'], dtype='<U5')

    Source: Chen and Guestrin, XGBoost: A Scalable Tree Boosting System, KDD 2016.
    """

    def __init__(
        self, n_estimators: int = 100, max_depth: int = 6, *, learning_rate: float = 0.3, seed: int = 0
    ) -> None:
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, features: np.ndarray, labels: np.ndarray | Sequence[str]) -> "GradientBoosting":
        """Grows the trees.

        Args:
            features: array of shape `(samples, features)`.
            labels: label of each sample.
        """
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

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Scores the labels `classes_`, shape `(samples, labels)`."""
        return self.trees_.predict_proba(np.asarray(features))

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Gives the label with the best score for each sample, shape `(samples,)`."""
        return self.classes_[self.predict_proba(features).argmax(axis=1)]
