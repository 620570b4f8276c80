"""Classical models of scikit-learn and XGBoost, which see flattened features or summary statistics of them.

Example:
    >>> from kerasinst import classical
    >>> model = classical.create("svm_rbf").fit(classical.summarize(features), labels)
"""

from kerasinst.classical.feature_rows import FORMS, flatten, summarize
from kerasinst.classical.fitting import FittedModel, fit_models
from kerasinst.classical.models import create, names, tuned
from kerasinst.classical.skops_file import load, save

__all__ = ["FORMS", "FittedModel", "create", "fit_models", "flatten", "load", "names", "save", "summarize", "tuned"]
