"""Stores fitted classical models as files, without pickle."""

import zipfile
from pathlib import Path

import skops.io
from sklearn.base import ClassifierMixin

from kerasinst.core import files
from kerasinst.core.errors import BadInput

TRUSTED = (
    "kerasinst.classical.boosting.GradientBoosting",
    "kerasinst.classical.one_vs_rest.OneVsRest",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.tree._tree.Tree",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
"""Types in the models of kerasinst, besides those that skops trusts by itself."""


def save(model: ClassifierMixin, path: Path) -> None:
    """Writes a fitted model as a `.skops` file.

    Args:
        model: fitted model.
        path: path of the file.

    Example:
        >>> save(create("svm_rbf").fit(statistics, labels), Path("svm.skops"))
    """
    with files.replacing(path) as temporary:
        skops.io.dump(model, temporary, compression=zipfile.ZIP_DEFLATED)


def load(path: str | Path) -> ClassifierMixin:
    """Reads a fitted model. Code that a file may contain is never run.

    Args:
        path: path of a `.skops` file.

    Raises:
        BadInput: if the file cannot be read, or holds types that are not in the models of kerasinst.

    Example:
        >>> load("runs/ee5180/baselines/statistics-svm_rbf/model.skops").predict(statistics)
        array(['Cello', 'Clarinet'], dtype='<U15')
    """
    try:
        strange = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED))
        if not strange:
            return skops.io.load(path, trusted=list(TRUSTED))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise BadInput(f"{path}: not a .skops model that can be read: {error}") from None
    raise BadInput(f"{path}: holds {', '.join(strange)}, which no model of kerasinst is made of; it is not opened")
