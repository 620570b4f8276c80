"""Refuses networks that cost too much, before they are trained."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kerasinst.core.errors import BadInput, ConversionFailed
from kerasinst.experiment.limits import COSTS, LimitsSection
from kerasinst.tuning.costs import NetworkCosts
from kerasinst.tuning.space import Space

MEASURED = ("tflite_bytes", "milliseconds", "arena_bytes")
"""Costs that are those of the converted file."""


class Limits:
    """Says why values are refused, if their network is over a limit.

    Args:
        section: section of the experiment with the limits.
        space: search space of the values.
        costs: tells what networks cost.
    """

    def __init__(self, section: LimitsSection, space: Space, *, costs: NetworkCosts) -> None:
        self.space, self.costs = space, costs
        self.allowed = {name: value for name, value in section.model_dump().items() if value is not None}

    def __call__(self, drawn: dict[str, Any]) -> dict[str, Any] | None:
        """Compares the costs of a network with the limits; what is cheap to know comes first.

        A network that cannot be built is not refused here, so that its trial can say why.

        Args:
            drawn: what keras-tuner drew.

        Returns:
            A row of `rejected.csv`, or None if no limit is exceeded.
        """
        if not self.allowed:
            return None
        known: dict[str, float] = {}
        try:
            experiment = self.space.experiment_with(drawn)
            known |= self.costs.of_graph(experiment)
        except BadInput:
            return None
        over = self._over(known)
        if not over and "tflite_bytes" in self.allowed:
            try:
                known["tflite_bytes"] = self.costs.estimated_bytes(experiment)
            except ConversionFailed:
                over = "tflite_bytes"
            over = over or self._over(known)
        if not over and set(MEASURED) & set(self.allowed):
            measured = self.costs.of_file(experiment)
            known |= measured
            over = self._over(known)
            if not measured:  # it cannot be converted
                over = next(name for name in MEASURED if name in self.allowed)
        if not over:
            return None
        costs = {name: known.get(name) for name in COSTS}
        return {"limit": over, "allowed": self.allowed[over], **costs, **self.space.values(drawn)}

    def _over(self, known: Mapping[str, float]) -> str | None:
        """Names the first limit that is exceeded."""
        return next((name for name, most in self.allowed.items() if known.get(name, 0) > most), None)

    def table(self, rejected: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Makes the table of refused values, in the order of drawing.

        Args:
            rejected: rows that calls have returned.
        """
        return pd.DataFrame(rejected, columns=["limit", "allowed", *COSTS, *self.space.keys])

    def hopeless(self, rejected: Sequence[Mapping[str, Any]]) -> str:
        """Says that too many draws were refused, and which of them comes nearest to the limits.

        Args:
            rejected: rows that calls have returned, at least one.
        """

        def excess(row: Mapping[str, Any]) -> tuple[bool, float]:
            known = [row[name] / most for name, most in self.allowed.items() if row[name] is not None]
            return row[row["limit"]] is None, max(known)  # one that cannot be converted comes last

        nearest = min(rejected, key=excess)
        costs = ", ".join(f"{nearest[name]:,} {name}" for name in COSTS if nearest[name] is not None)
        limits = ", ".join(f"{name} {most:,}" for name, most in self.allowed.items())
        return (
            f"search.limits: all {len(rejected):,} draws were over the limits ({limits}); the smallest network among "
            f"them has {costs}: raise the limits, or search another space"
        )
