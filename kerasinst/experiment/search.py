"""`search`: what may vary, how often, and what is best."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from kerasinst.core.errors import suggest
from kerasinst.core.registry import ORACLES
from kerasinst.experiment.halving import HalvingSection
from kerasinst.experiment.limits import COSTS, LimitsSection
from kerasinst.experiment.section import Section
from kerasinst.experiment.training import FIGURES

CONVERTED = "int8:"
"""Beginning of an objective that is computed with the int8 file of the network."""


def _kind_of_repeats(given: Any) -> Any:
    """Takes a number for a number of seeds."""
    return {"seeds": given} if isinstance(given, int) and not isinstance(given, bool) else given


class SearchSection(Section):
    """Says which values of the experiment a search varies, and what is best.

    - `space`: file with a search space, or its content.
    - `tuner`: how values are chosen, by name, or with options such as `{hyperband: {factor: 4}}`.
    - `trials`: number of trials; with `hyperband`, number of configurations that are drawn.
    - `objective`: figure of the validation segments by which trials are compared: `val_accuracy`, `val_loss`,
      `val_macro_f1` or `val_mean_average_precision`. With `int8:` before it, it is that of the converted network. The
      tuners `tpe` and `nsga2` also take a list, whose further objectives may be costs, such as
      `[val_macro_f1, tflite_bytes]`; the best trial is that with the best first objective.
    - `epochs`: epochs of each trial; `null` is that of `training`.
    - `repeats`: number of trainings of each trial, with seeds of their own; `{folds: 5}` trains with one seed on folds
      of the training and validation groups instead. The score is the mean.
    - `halving`: which trials are stopped early; `null` stops none, and `{}` takes the defaults.
    - `limits`: what a network may cost.
    - `measure`: whether the int8 file of each network is made and measured, which takes some seconds for each
      architecture.
    - `baselines`: whether classical models compete in the leaderboard, tuned by cross-validation over training groups.
    """

    space: dict[str, Any]
    tuner: str | dict[str, dict[str, Any]] = "random"
    trials: int = Field(default=20, ge=1)
    objective: str | Annotated[list[str], Field(min_length=1)] = "val_accuracy"
    epochs: int | None = Field(default=None, ge=1)
    repeats: Annotated[
        dict[Literal["seeds", "folds"], Annotated[int, Field(ge=1)]], BeforeValidator(_kind_of_repeats)
    ] = Field(default={"seeds": 1}, min_length=1, max_length=1)
    halving: HalvingSection | None = None
    limits: LimitsSection = LimitsSection()
    measure: bool = True
    baselines: bool = False

    @property
    def oracle(self) -> str:
        """Name of the tuner."""
        return self.tuner if isinstance(self.tuner, str) else next(iter(self.tuner))

    @property
    def oracle_options(self) -> dict[str, Any]:
        """Options of the tuner."""
        return {} if isinstance(self.tuner, str) else self.tuner[self.oracle]

    @property
    def objectives(self) -> list[str]:
        """Names of all objectives; the first is the score."""
        return [self.objective] if isinstance(self.objective, str) else self.objective

    @property
    def figure(self) -> str:
        """Name of the figure that is the score, without "int8:"."""
        return self.objectives[0].removeprefix(CONVERTED)

    @property
    def converted(self) -> bool:
        """Whether the score is that of the int8 file."""
        return self.objectives[0].startswith(CONVERTED)

    @field_validator("objective")
    @classmethod
    def _figures(cls, objective: str | list[str]) -> str | list[str]:
        names = [objective] if isinstance(objective, str) else objective
        for place, name in enumerate(names):
            known = [*FIGURES, *(COSTS if place else ())]
            if name.removeprefix(CONVERTED) not in FIGURES and name not in known:
                raise ValueError(f"there is no '{name}'; {suggest(name.removeprefix(CONVERTED), known)}")
            if place and name not in COSTS:
                raise ValueError(f"'{name}': only the first objective is a figure; others are {', '.join(COSTS)}")
        if len(set(names)) < len(names):
            raise ValueError("an objective is named twice")
        return objective

    @model_validator(mode="after")
    def _known(self) -> "SearchSection":
        if not isinstance(self.tuner, str) and len(self.tuner) != 1:
            raise ValueError("tuner: write a name, or one name with its options such as {hyperband: {factor: 4}}")
        ORACLES.check(self.oracle, self.oracle_options)
        if len(self.objectives) > 1 and "objectives" not in ORACLES.parameters(self.oracle, given=True):
            raise ValueError(f"objective: {self.oracle} takes one; several need tuner: tpe or nsga2")
        if len(self.objectives) == 1 and self.oracle == "nsga2":
            raise ValueError("objective: nsga2 needs several, such as [val_macro_f1, tflite_bytes]; or use tuner: tpe")
        if self.halving and self.oracle == "hyperband":
            raise ValueError("halving: hyperband stops trials by itself; leave halving out")
        if self.repeats.get("folds") == 1:
            raise ValueError("repeats: folds must be 2 or more")
        measured = [name for name in self.objectives[1:] if name not in ("parameters", "multiply_adds")]
        if measured and not self.measure:
            raise ValueError(f"objective: {measured[0]} needs measure: true")
        return self
