"""Formats numbers and hyperparameters for tables and sentences."""

import pandas as pd
import yaml

from kerasinst.core import safe_yaml

UNKNOWN = "–"
"""Text of a value that is not known."""


def interval(value: float, low: float, high: float) -> str:
    """Formats a figure with its interval.

    Args:
        value: the figure.
        low: lower end of its interval; NaN if there is no interval.
        high: upper end of its interval.

    Example:
        >>> interval(0.8, 0.7, 0.9)
        '0.800 (0.700, 0.900)'
    """
    return f"{value:.3f} ({low:.3f}, {high:.3f})" if low == low else f"{value:.3f}"


def accuracy(figures: dict) -> str:
    """Formats an accuracy with its 95 % interval.

    Args:
        figures: figures of clips or of segments, as metrics.json holds them.
    """
    return interval(figures["accuracy"], *figures["accuracy_ci95"])


def spread(mean: float, deviation: float) -> str:
    """Formats a mean over seeds with its standard deviation, or as `UNKNOWN` if the mean is NaN.

    Args:
        mean: mean over seeds.
        deviation: standard deviation over seeds.
    """
    return UNKNOWN if pd.isna(mean) else f"{mean:.3f} ± {deviation:.3f}"


def accuracies(table: pd.DataFrame) -> list[str]:
    """Formats the accuracy of each model with its interval.

    Args:
        table: one row per model, with the columns accuracy, accuracy_low and accuracy_high.
    """
    return [interval(*row) for row in table[["accuracy", "accuracy_low", "accuracy_high"]].to_numpy()]


def figures(table: pd.DataFrame) -> dict[str, list[str]]:
    """Formats the figures by which models are compared.

    Args:
        table: one row per model, with the columns accuracy, accuracy_low and accuracy_high, and, for models of several
            labels, those of `evaluation.multilabel_row`.

    Returns:
        Texts by the names of columns: accuracy; or mAP, the share of the sounding labels that is found, the number that
        is reported falsely, and the share of clips in which all labels are right.
    """
    if "mean_average_precision" not in table:
        return {"accuracy (95 %)": accuracies(table)}
    precision = table[[f"mean_average_precision{end}" for end in ("", "_low", "_high")]].to_numpy()
    return {
        "mAP (95 %)": [interval(*row) for row in precision],
        "found": [number(value, 3) for value in table.recall_playing],
        "false": [number(value, 3) for value in table.false_positives_per_frame],
        "all right": [number(value, 3) for value in table.accuracy],
    }


def explained(table: pd.DataFrame) -> str:
    """Explains the columns of `figures`, for the caption of a table.

    Args:
        table: one row per model.

    Returns:
        A sentence that begins with a blank, or "" if accuracy is all that is shown.
    """
    if "mean_average_precision" not in table:
        return ""
    return (
        " mAP, found and false: of frames if it is known when each label sounds, and of clips otherwise: mean average "
        "precision, share of the sounding labels that are reported, and number of labels that are reported falsely. "
        "All right: share of clips of which exactly the true labels are reported."
    )


def count(value: float | None) -> str:
    """Formats a whole number, or `UNKNOWN` if it is None or NaN.

    Args:
        value: the number.
    """
    return UNKNOWN if pd.isna(value) else f"{value:,.0f}"


def number(value: float | None, digits: int | None = None) -> str:
    """Formats a number, or `UNKNOWN` if it is None or NaN.

    Args:
        value: the number.
        digits: number of digits behind the point; None is three significant digits.
    """
    if pd.isna(value):
        return UNKNOWN
    return f"{value:.3g}" if digits is None else f"{value:.{digits}f}"


def hyperparameter(value: object) -> str:
    """Formats the value of a hyperparameter as leaderboard.csv holds it, with lists and mappings as text.

    Args:
        value: value of a cell of leaderboard.csv.

    Example:
        >>> hyperparameter("[{'mixup': {'alpha': 0.3}}]")
        'mixup alpha 0.3'
    """
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return short(safe_yaml.load(value))
        except yaml.YAMLError:  # a text that only looks like a list
            return value
    return short(value)


def short(value: object) -> str:
    """Formats the value of a hyperparameter; NaN, where it does not apply, as `UNKNOWN`.

    Args:
        value: number, text, list or dictionary.

    Example:
        >>> short(0.00123456), short([{"mixup": {"alpha": 0.3}}]), short([])
        ('0.00123', 'mixup alpha 0.3', 'none')
    """
    if isinstance(value, float):
        return UNKNOWN if pd.isna(value) else f"{value:.0f}" if value.is_integer() else f"{value:.3g}"
    if isinstance(value, dict):
        return " ".join(" ".join(filter(None, (str(key), short(inner)))) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(short, value)) if value else "none"
    return str(value)


def hyperparameters(row: dict[str, object]) -> dict[str, str]:
    """Formats the hyperparameters of a trial.

    Args:
        row: row of the leaderboard; its dotted keys are the hyperparameters.

    Returns:
        Texts by the names without the section, such as `learning_rate` for `training.learning_rate`, of those that
        apply.
    """
    values = {key.partition(".")[2]: short(value) for key, value in row.items() if "." in key}
    return {name: text for name, text in values.items() if text != UNKNOWN}


def without_unknown(shown: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Drops columns in which every cell is `UNKNOWN`.

    Args:
        shown: table of texts.
        *names: names of the columns that may be dropped.
    """
    return shown.drop(columns=[name for name in names if (shown[name] == UNKNOWN).all()])
