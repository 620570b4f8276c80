"""Fits several classical models to several forms of features, in parallel."""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning

from kerasinst.classical.feature_rows import FORMS
from kerasinst.classical.models import create, tuned
from kerasinst.classical.one_vs_rest import fit_one_vs_rest
from kerasinst.core.parallel import in_order


@dataclass(frozen=True)
class FittedModel:
    """A classical model that was fitted.

    Attributes:
        name: name of the model, such as "svm_rbf".
        features: form of its features, one of `FORMS`.
        estimator: fitted estimator of scikit-learn.
        scores: scores of the segments of each split but "train", shape `(segments, labels)`.
        seconds: time that fitting took.
        tuned: whether parameters were chosen by cross-validation.
    """

    name: str
    features: str
    estimator: ClassifierMixin
    scores: dict[str, np.ndarray]
    seconds: float
    tuned: bool


def fit_models(
    names: Sequence[str],
    forms: Sequence[str],
    *,
    features: Mapping[str, np.ndarray],
    targets: np.ndarray,
    labels: Sequence[str],
    task: str = "single-label",
    seed: int = 0,
    groups: np.ndarray,
    tune: bool = False,
) -> Iterator[FittedModel]:
    """Fits each model to each form of the training features, and scores the segments of the other splits.

    Args:
        names: names of models, see `models.names`.
        forms: forms of features, see `FORMS`.
        features: features of each split, "train" among them, shape `(segments, frames, bins, channels)`, scaled as a
            network sees them.
        targets: 1 for each label that a training segment has and 0 for others, shape `(segments, labels)`, with NaN
            where nobody judged.
        labels: labels in the order of scores; a label without training segments is scored 0.
        task: "single-label", or "multi-label", in which each label has a calibrated model of its own.
        seed: seed of everything random in the models.
        groups: group of each training segment, `(segments,)`, which stay whole where parameters are tuned or scores
            calibrated.
        tune: whether to choose parameters by cross-validation.

    Yields:
        Fitted models, in the order of forms and names.
    """
    for form in forms:
        rows = {split: FORMS[form](features[split]) for split in features}
        truth = targets if task == "multi-label" else np.array(labels)[targets.argmax(axis=1)]
        fit = partial(_fit, form=form, rows=rows, truth=truth, labels=labels, seed=seed, groups=groups, tune=tune)
        yield from in_order(fit, names, threads=False)


def _fit(
    name: str,
    *,
    form: str,
    rows: Mapping[str, np.ndarray],
    truth: np.ndarray,
    labels: Sequence[str],
    seed: int,
    groups: np.ndarray,
    tune: bool,
) -> FittedModel:
    """Fits one model to one form of the features."""

    def make(features: np.ndarray, answers: np.ndarray, *, groups: np.ndarray) -> ClassifierMixin:
        return tuned(name, features, labels=answers, groups=groups, seed=seed) if tune else create(name, seed=seed)

    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is measured as it is
        if truth.ndim == 2:
            model = fit_one_vs_rest(make, rows["train"], truth=truth, labels=labels, groups=groups)
        else:
            model = make(rows["train"], truth, groups=groups)
            if not tune:
                model = model.fit(rows["train"], truth)
    seconds = round(time.perf_counter() - began, 3)
    columns = [list(labels).index(label) for label in model.classes_]
    scores = {split: np.zeros((len(each), len(labels))) for split, each in rows.items() if split != "train"}
    for split, of_split in scores.items():
        of_split[:, columns] = model.predict_proba(rows[split])
    return FittedModel(name, form, model, scores, seconds, tune)
