"""Classical models by name, each a scikit-learn estimator with `predict_proba`."""

from collections.abc import Callable

from sklearn.base import ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from kerasinst.errors import BadInput, suggest

_MODELS: dict[str, Callable[[int], ClassifierMixin]] = {
    "logistic_regression": lambda seed: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
    "svm_linear": lambda seed: make_pipeline(
        StandardScaler(), SVC(kernel="linear", C=0.01, probability=True, random_state=seed)
    ),
    "svm_rbf": lambda seed: make_pipeline(StandardScaler(), SVC(C=10.0, probability=True, random_state=seed)),
    "random_forest": lambda seed: RandomForestClassifier(300, random_state=seed),
    "extra_trees": lambda seed: ExtraTreesClassifier(300, random_state=seed),
}


def names() -> list[str]:
    """Names of all models."""
    return list(_MODELS)


def create(name: str, seed: int = 0) -> ClassifierMixin:
    """Makes an untrained model, with its scaling.

    Args:
        name: one of `names()`.
        seed: of what is random in it.

    Raises:
        BadInput: if there is no such model.
    """
    if name not in _MODELS:
        raise BadInput(f"there is no classical model '{name}'; {suggest(name, names())}")
    return _MODELS[name](seed)
