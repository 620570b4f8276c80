"""Conditions that a model must hold, for people's own CI."""

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kerasinst.core.errors import BadInput, suggest

FIGURES = (
    "accuracy", "accuracy_drop", "macro_f1", "macro_f1_drop", "label_recall_drop", "label_f1_drop", "agreement",
    "largest_score_difference", "ece", "bytes", "gzip_bytes", "nonzero_weights", "milliseconds", "peak_arena",
)  # fmt: skip
"""What conditions may name; drops are from the model as it was trained, and a label's is that of the worst label."""
SIGNS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True)
class Condition:
    """One figure, a sign and a limit."""

    name: str
    sign: str
    limit: float

    def broken_by(self, row: Mapping[str, float]) -> str | None:
        """What is wrong with a model of these figures; None if it holds the condition. No number holds nothing."""
        value = row.get(self.name, math.nan)
        if SIGNS[self.sign](value, self.limit):
            return None
        return f"{self.name} is {value:g}, not {self.sign}{self.limit:g}"


def parse(text: str) -> list[Condition]:
    """Conditions such as `accuracy_drop<=0.01,bytes<=65536`.

    Raises:
        BadInput: if one is written otherwise, or names an unknown figure.

    Example:
        >>> parse("bytes<=65536")[0].broken_by({"bytes": 70000})
        'bytes is 70000, not <=65536'
    """
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\w+)\s*(<=|>=|<|>)\s*([-+.\deE]+)\s*", part)
        try:
            name, sign, limit = match.groups()
            found.append(Condition(name, sign, float(limit)))
        except (AttributeError, ValueError):
            raise BadInput(f"--gate '{part.strip()}': expected FIGURE<=NUMBER, such as bytes<=65536") from None
        if name not in FIGURES:
            raise BadInput(f"--gate {part.strip()}: there is no figure '{name}'; {suggest(name, FIGURES)}")
    return found
