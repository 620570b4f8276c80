"""Numbers as tables and sentences show them; what is not known is a dash."""

import pandas as pd

from kerasinst.core import safe_yaml

UNKNOWN = "–"


def interval(value: float, low: float, high: float) -> str:
    """A figure with its interval, if there is one.

    Example:
        >>> interval(0.8, 0.7, 0.9)
        '0.800 (0.700, 0.900)'
    """
    return f"{value:.3f} ({low:.3f}, {high:.3f})" if low == low else f"{value:.3f}"


def accuracy(figures: dict) -> str:
    """Accuracy of one level of metrics.json, with its 95 % interval."""
    return interval(figures["accuracy"], *figures["accuracy_ci95"])


def spread(mean: float, deviation: float) -> str:
    """A mean over seeds with their standard deviation."""
    return UNKNOWN if pd.isna(mean) else f"{mean:.3f} ± {deviation:.3f}"


def accuracies(table: pd.DataFrame) -> list[str]:
    """The same of each row of a table of models."""
    return [interval(*row) for row in table[["accuracy", "accuracy_low", "accuracy_high"]].to_numpy()]


def count(value: float | None) -> str:
    """A whole number."""
    return UNKNOWN if pd.isna(value) else f"{value:,.0f}"


def number(value: float | None, digits: int | None = None) -> str:
    """A number with so many digits behind the point, or three that count."""
    if pd.isna(value):
        return UNKNOWN
    return f"{value:.3g}" if digits is None else f"{value:.{digits}f}"


def hyperparameter(value: object) -> str:
    """A value of leaderboard.csv, which holds lists as text.

    Example:
        >>> hyperparameter("[{'mixup': {'alpha': 0.3}}]")
        'mixup alpha 0.3'
    """
    return short(safe_yaml.load(value) if isinstance(value, str) and value[:1] in ("[", "{") else value)


def short(value: object) -> str:
    """The value of a hyperparameter as a table shows it.

    Example:
        >>> short(0.00123456), short([{"mixup": {"alpha": 0.3}}]), short([])
        ('0.00123', 'mixup alpha 0.3', 'none')
    """
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return " ".join(" ".join(filter(None, (str(key), short(inner)))) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(short, value)) if value else "none"
    return str(value)


def hyperparameters(row: dict[str, object]) -> dict[str, str]:
    """Those of a trial, by their names without the section: `learning_rate` for `training.learning_rate`."""
    return {key.partition(".")[2]: short(value) for key, value in row.items() if "." in key}


def without_unknown(shown: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Without those of the columns in which nothing is known."""
    return shown.drop(columns=[name for name in names if (shown[name] == UNKNOWN).all()])
