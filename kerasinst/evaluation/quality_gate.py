"""Conditions that a model must fulfil, for use in continuous integration."""

import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kerasinst.core.errors import BadInput, suggest

FIGURES = (
    "accuracy", "accuracy_drop", "macro_f1", "macro_f1_drop", "label_recall_drop", "label_f1_drop", "agreement",
    "largest_score_difference", "recall_playing", "false_positives_per_frame", "mean_average_precision",
    "mean_average_precision_drop", "ece", "bytes", "gzip_bytes", "nonzero_weights", "milliseconds", "peak_arena",
)  # fmt: skip
"""Figures that conditions may name. Drops are from the trained model; that of labels is the drop of the worst label."""
SIGNS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
"""Comparisons by their signs."""


@dataclass(frozen=True)
class Condition:
    """A condition on one figure.

    Attributes:
        name: name of the figure, one of `FIGURES`.
        sign: "<=", ">=", "<" or ">".
        limit: number with which the figure is compared.
    """

    name: str
    sign: str
    limit: float

    def broken_by(self, row: Mapping[str, float]) -> str | None:
        """Says how the figures of a model break the condition.

        Args:
            row: figures of a model by name; a missing one breaks every condition.

        Returns:
            A sentence, or None if the condition is fulfilled.
        """
        value = row.get(self.name, math.nan)
        if SIGNS[self.sign](value, self.limit):
            return None
        return f"{self.name} is {value:g}, not {self.sign}{self.limit:g}"


def parse(text: str) -> list[Condition]:
    """Parses conditions such as `accuracy_drop<=0.01,bytes<=65536`.

    Args:
        text: conditions, separated by commas.

    Raises:
        BadInput: if a condition has another form, or names an unknown figure.

    Example:
        >>> parse("bytes<=65536")[0].broken_by({"bytes": 70000})
        'bytes is 70000, not <=65536'
    """
    return [_condition(part) for part in text.split(",")]


def _condition(text: str) -> Condition:
    """Parses one condition."""
    match = re.fullmatch(r"\s*(\w+)\s*(<=|>=|<|>)\s*([-+.\deE]+)\s*", text)
    wrong = f"--gate '{text.strip()}': expected FIGURE<=NUMBER, such as bytes<=65536"
    if match is None:
        raise BadInput(wrong)
    name, sign, limit = match.groups()
    try:
        condition = Condition(name, sign, float(limit))
    except ValueError:
        raise BadInput(wrong) from None
    if name not in FIGURES:
        raise BadInput(f"--gate {text.strip()}: there is no figure '{name}'; {suggest(name, FIGURES)}")
    return condition


def broken_conditions(table: pd.DataFrame, variants: Sequence[str], *, conditions: Sequence[Condition]) -> list[str]:
    """Says which conditions variants break.

    Args:
        table: figures of variants, as compression.csv holds them.
        variants: names of the variants that are judged.
        conditions: conditions that each of them must fulfil.

    Returns:
        One sentence for each broken condition, with the name of the variant.
    """
    rows = table.set_index("variant").loc[list(variants)]
    found = [(name, condition.broken_by(row)) for name, row in rows.iterrows() for condition in conditions]
    return [f"{name}: {problem}" for name, problem in found if problem]
