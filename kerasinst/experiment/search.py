"""`search`: what may vary, how often, and what is best."""

from typing import Any, Literal

from pydantic import Field, model_validator

from kerasinst.core.registry import ORACLES
from kerasinst.experiment.section import Section


class SearchSection(Section):
    """Says which values of the experiment a search varies, and what is best.

    - `space`: file with a search space, or its content.
    - `tuner`: how values are chosen, by name, or with options such as `{hyperband: {factor: 4}}`.
    - `trials`: number of trials; with `hyperband`, number of configurations that are drawn.
    - `objective`: figure of the validation split by which trials are compared.
    - `epochs`: epochs of each trial; `null` is that of `training`.
    """

    space: dict[str, Any]
    tuner: str | dict[str, dict[str, Any]] = "random"
    trials: int = Field(default=20, ge=1)
    objective: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    epochs: int | None = Field(default=None, ge=1)

    @property
    def oracle(self) -> str:
        """Name of the tuner."""
        return self.tuner if isinstance(self.tuner, str) else next(iter(self.tuner))

    @property
    def oracle_options(self) -> dict[str, Any]:
        """Options of the tuner."""
        return {} if isinstance(self.tuner, str) else self.tuner[self.oracle]

    @model_validator(mode="after")
    def _known(self) -> "SearchSection":
        if not isinstance(self.tuner, str) and len(self.tuner) != 1:
            raise ValueError("tuner: write a name, or one name with its options such as {hyperband: {factor: 4}}")
        ORACLES.check(self.oracle, self.oracle_options)
        return self
