"""Classical models of scikit-learn and XGBoost, over flattened pictures or over summary statistics of them.

Example:
    >>> from kerasinst import classical
    >>> model = classical.create("svm_rbf").fit(classical.summarize(features), labels)
"""

from kerasinst.classical.models import create, names, tuned
from kerasinst.classical.stored import load, save
from kerasinst.classical.summary import flatten, summarize

__all__ = ["FEATURES", "create", "flatten", "load", "names", "save", "summarize", "tuned"]

FEATURES = {"picture": flatten, "statistics": summarize}
"""The two forms of features that models are compared on."""
