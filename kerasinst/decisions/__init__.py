"""Decisions from scores to labels, one step per file, found by the file's name; they are saved with the model.

Example:
    >>> from kerasinst import decisions
    >>> decision = decisions.create("top_n", n=2)
    >>> decision(np.array([[0.9, 0.2, 0.6]]))
    array([[ True, False,  True]])
"""

from kerasinst.decisions.pipeline import Decision, create, from_config, names

__all__ = ["Decision", "create", "from_config", "names"]
