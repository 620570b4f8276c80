"""`search`: what may vary, how often, and what is best."""

from typing import Any, Literal

from pydantic import Field

from kerasinst.experiment.section import Section


class SearchSection(Section):
    """What may vary (a file of search_spaces/, or its content), how often, and what is best."""

    space: dict[str, Any]
    tuner: Literal["random"] = "random"
    trials: int = Field(default=20, ge=1)
    objective: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    epochs: int | None = Field(default=None, ge=1)
