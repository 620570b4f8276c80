"""Several classical models on several forms of features, fitted over all cores."""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from kerasinst.classical.models import create, tuned
from kerasinst.classical.summary import FORMS


@dataclass(frozen=True)
class FittedModel:
    """A classical model that was fitted.

    Attributes:
        name: of the model, such as "svm_rbf".
        features: their form, of `FORMS`.
        estimator: of scikit-learn.
        scores: of the test segments, `(segments, labels)`.
        seconds: that fitting took.
        tuned: whether its parameters were chosen by cross-validation.
    """

    name: str
    features: str
    estimator: Any
    scores: np.ndarray
    seconds: float
    tuned: bool


def fit_models(
    names: Sequence[str],
    forms: Sequence[str],
    *,
    features: Mapping[str, np.ndarray],
    truth: np.ndarray,
    labels: Sequence[str],
    seed: int = 0,
    groups: np.ndarray | None = None,
) -> Iterator[FittedModel]:
    """Fits each model to each form of the training features, and scores the test segments.

    Args:
        names: of models.
        forms: of features, of `FORMS`.
        features: of the splits "train" and "test", `(segments, frames, bins, channels)`, scaled as a network sees them.
        truth: label of each training segment.
        labels: in the order of scores; one that a model never met is scored 0.
        seed: of what is random in the models.
        groups: of each training segment, to tune a few parameters by cross-validation; None tunes nothing.

    Yields:
        Each model when it is fitted, in the order of forms and names.
    """
    work = []
    for form in forms:
        rows = {split: FORMS[form](features[split]) for split in ("train", "test")}
        work += [
            joblib.delayed(_fit)(name, form, rows=rows, truth=truth, labels=labels, seed=seed, groups=groups)
            for name in names
        ]
    yield from joblib.Parallel(n_jobs=joblib.cpu_count(), return_as="generator")(work)


def _fit(
    name: str,
    form: str,
    *,
    rows: Mapping[str, np.ndarray],
    truth: np.ndarray,
    labels: Sequence[str],
    seed: int,
    groups: np.ndarray | None,
) -> FittedModel:
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is measured as it is
        if groups is None:
            model = create(name, seed=seed).fit(rows["train"], truth)
        else:
            model = tuned(name, rows["train"], labels=truth, groups=groups, seed=seed)
    seconds = round(time.perf_counter() - began, 3)
    scores = np.zeros((len(rows["test"]), len(labels)))
    scores[:, [list(labels).index(label) for label in model.classes_]] = model.predict_proba(rows["test"])
    return FittedModel(name, form, model, scores, seconds, groups is not None)
