"""Reads the objective of a search, which is one name or several."""

from collections.abc import Sequence


def score_name(objective: str | Sequence[str]) -> str:
    """Returns the name of the score by which trials are ranked: the objective, or the first of several.

    Args:
        objective: `search.objective` of an experiment.

    Example:
        >>> score_name(["val_accuracy", "milliseconds"])
        'val_accuracy'
    """
    return objective if isinstance(objective, str) else objective[0]


def lower_is_better(score: str) -> bool:
    """Returns True if a lower score is better, as of a loss.

    Args:
        score: name of a score.

    Example:
        >>> lower_is_better("val_loss")
        True
    """
    return score.endswith("loss")
