"""Makes classical models by name; each is an estimator of scikit-learn with `predict_proba`."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from kerasinst.classical.boosting import GradientBoosting
from kerasinst.core.errors import BadInput, suggest

FOLDS = 3
"""Number of folds of the training groups when a model is tuned."""


@dataclass(frozen=True)
class Model:
    """Describes how a model is made, and what is tuned.

    Attributes:
        make: function that takes a seed and makes an untrained estimator.
        scaled: whether features are standardised first.
        grid: values to try of each tuned parameter.
    """

    make: Callable[[int], ClassifierMixin]
    scaled: bool = True
    grid: dict[str, list[Any]] = field(default_factory=dict)


_MODELS: dict[str, Model] = {
    "logistic_regression": Model(lambda seed: LogisticRegression(max_iter=2000), grid={"C": [0.001, 0.01, 0.1, 1.0]}),
    "naive_bayes": Model(lambda seed: GaussianNB(), grid={"var_smoothing": [1e-9, 1e-3, 0.1, 1.0]}),
    "svm_linear": Model(
        lambda seed: SVC(kernel="linear", C=0.01, probability=True, random_state=seed),
        grid={"C": [0.0001, 0.001, 0.01, 0.1]},
    ),
    "svm_rbf": Model(
        lambda seed: SVC(C=10.0, probability=True, random_state=seed),
        grid={"C": [1.0, 10.0, 100.0], "gamma": ["scale", 0.001, 0.0001]},
    ),
    "decision_tree": Model(lambda seed: DecisionTreeClassifier(random_state=seed), False, {"max_depth": [4, 8, None]}),
    "random_forest": Model(
        lambda seed: RandomForestClassifier(300, random_state=seed), False, {"min_samples_leaf": [1, 2, 4]}
    ),
    "extra_trees": Model(
        lambda seed: ExtraTreesClassifier(300, random_state=seed), False, {"min_samples_leaf": [1, 2, 4]}
    ),
    "ada_boost": Model(
        lambda seed: AdaBoostClassifier(random_state=seed),
        False,
        {"learning_rate": [0.3, 1.0], "n_estimators": [50, 200]},
    ),
    "mlp": Model(
        lambda seed: MLPClassifier((100,), max_iter=1000, random_state=seed),
        grid={"alpha": [0.0001, 0.01, 1.0], "hidden_layer_sizes": [(50,), (100,), (100, 50)]},
    ),
    "k_neighbors": Model(
        lambda seed: KNeighborsClassifier(), grid={"n_neighbors": [1, 3, 5, 9], "weights": ["uniform", "distance"]}
    ),
    "xgboost": Model(
        lambda seed: GradientBoosting(seed=seed), False, {"max_depth": [3, 6], "learning_rate": [0.1, 0.3]}
    ),
}


def names() -> list[str]:
    """Lists the names of all models."""
    return list(_MODELS)


def create(name: str, *, seed: int = 0) -> ClassifierMixin:
    """Makes an untrained model, with its scaling.

    Args:
        name: one of `names()`.
        seed: seed of everything random in the model.

    Raises:
        BadInput: if there is no such model.

    Example:
        >>> create("svm_rbf").fit(statistics, labels).predict_proba(others).shape
        (30, 5)
    """
    if name not in _MODELS:
        raise BadInput(f"there is no classical model '{name}'; {suggest(name, names())}")
    model = _MODELS[name]
    estimator = model.make(seed)
    return make_pipeline(StandardScaler(), estimator) if model.scaled else estimator


def tuned(name: str, features: np.ndarray, *, labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> ClassifierMixin:
    """Chooses the best parameters of a small grid by cross-validation over groups, and fits the model with them.

    Args:
        name: one of `names()`.
        features: training features of shape `(samples, features)`.
        labels: label of each sample, shape `(samples,)`.
        groups: group of each sample, shape `(samples,)`; groups stay whole.
        seed: seed of the folds and of everything random in the model.

    Returns:
        The fitted model.

    Raises:
        BadInput: if there is no such model, or there are fewer groups than folds.

    Example:
        >>> tuned("k_neighbors", statistics, labels=labels, groups=groups).predict_proba(others).shape
        (30, 5)
    """
    estimator, model = create(name, seed=seed), _MODELS[name]
    if len(np.unique(groups)) < FOLDS:
        raise BadInput(f"tuning needs at least {FOLDS} groups to train on; there are {len(np.unique(groups))}")
    prefix = f"{estimator.steps[-1][0]}__" if model.scaled else ""
    grid = {prefix + parameter: values for parameter, values in model.grid.items()}
    search = GridSearchCV(estimator, grid, cv=StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a label has fewer groups than there are folds
        return search.fit(features, labels, groups=groups).best_estimator_
