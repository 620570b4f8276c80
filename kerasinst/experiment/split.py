"""`split`: what is trained on, validated on and tested on."""

from typing import Literal

from pydantic import Field, model_validator

from kerasinst.experiment.section import Section, Share


class SplitSection(Section):
    """Shares of validation and test, where the data set's publishers made no split of their own.

    `by: group` is the honest way; `by: session` also keeps together what was likely recorded in one go (uploads whose
    numbers are at most `session_gap` apart); `by: segment` is the leaky protocol of some papers.
    """

    by: Literal["group", "session", "segment"] = "group"
    session_gap: int = Field(default=1000, ge=0)
    published: bool = True
    validation: Share = 0.16
    test: Share = 0.2
    seed: int = Field(default=1, ge=0)

    @property
    def protocol(self) -> str:
        """What metrics.json calls it: "segment" (leaky) or "group"."""
        return "segment" if self.by == "segment" else "group"

    @model_validator(mode="after")
    def _leaves_training(self):
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on: make them less than 1")
        return self
