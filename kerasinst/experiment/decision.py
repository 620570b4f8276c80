"""`decision`: from scores to labels."""

from typing import Any

from pydantic import Field, field_serializer, model_validator

from kerasinst.decisions import Decision
from kerasinst.experiment.section import Named, Section


class DecisionSection(Section):
    """Says how scores become labels.

    - `rule`: rule that reports labels, with its options, such as `top_n` or `{threshold: {by: label}}`; `null` is
      `argmax` for single-label tasks and `threshold` for multi-label tasks. What a rule learns is fitted to the
      validation split.
    - `steps`: steps before the rule, which change scores (`mean_subtraction`, `median`), and after it, which change
      what is reported (`hysteresis`, `minimum_length`), in this order.
    - `review_below`: recordings whose best score is below this are marked as "needs review".
    """

    rule: Named | None = None
    steps: list[Named] = Field(default=[])
    review_below: float = Field(default=0.5, ge=0, le=1)

    @field_serializer("rule")
    def _short(self, rule: dict[str, dict[str, Any]] | None) -> Any:
        """Writes the name alone if there are no options."""
        return next(iter(rule)) if rule and not any(rule.values()) else rule

    @model_validator(mode="after")
    def _known(self) -> "DecisionSection":
        Decision(self.rule or {"threshold": {}}, self.steps)
        return self
