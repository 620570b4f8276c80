"""`search`: what may vary, how often, and what is best."""

from typing import Any, Literal

from pydantic import Field

from kerasinst.experiment.section import Section


class SearchSection(Section):
    """Says which values of the experiment a search varies, and what is best.

    - `space`: file with a search space, or its content.
    - `tuner`: how values are chosen: `random`.
    - `trials`: number of trials.
    - `objective`: figure of the validation split by which trials are compared.
    - `epochs`: epochs of each trial; `null` is that of `training`.
    """

    space: dict[str, Any]
    tuner: Literal["random"] = "random"
    trials: int = Field(default=20, ge=1)
    objective: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    epochs: int | None = Field(default=None, ge=1)
