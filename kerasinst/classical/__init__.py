"""Classical models of scikit-learn over summary statistics of pictures.

Example:
    >>> from kerasinst import classical
    >>> model = classical.create("svm_rbf").fit(classical.summarize(features), labels)
"""

from kerasinst.classical.models import create, names
from kerasinst.classical.summary import summarize

__all__ = ["create", "names", "summarize"]
