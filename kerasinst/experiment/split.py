"""`split`: what is trained on, validated on and tested on."""

from typing import Literal

from pydantic import Field, model_validator

from kerasinst.experiment.section import Section, Share


class SplitSection(Section):
    """Says what is trained on, validated on and tested on.

    - `by`: what stays together. `group` keeps clips of one recording, song or instrument together, as the reader of the
      data set describes them; `session` also joins clips that were likely recorded in one go; `segment` keeps nothing
      together, which is the leaky protocol of some papers.
    - `session_gap`: largest difference of the numbers of two uploads of one session, if the data set has such numbers.
    - `published`: whether to keep the split that the publishers of the data set made, if there is one.
    - `validation`: share of the groups of each label that validate, if the publishers made no split; 0 is allowed if
      `training.monitor` is `last` and there is no search.
    - `test`: share of the groups of each label that test, if the publishers made no split.
    - `seed`: seed of the split.
    """

    by: Literal["group", "session", "segment"] = "group"
    session_gap: int = Field(default=1000, ge=0)
    published: bool = True
    validation: Share = 0.16
    test: Share = 0.2
    seed: int = Field(default=1, ge=0)

    @property
    def protocol(self) -> str:
        """Name of the protocol in metrics.json: "segment", which is leaky, or "group"."""
        return "segment" if self.by == "segment" else "group"

    @model_validator(mode="after")
    def _leaves_training(self) -> "SplitSection":
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on: make them less than 1")
        return self
