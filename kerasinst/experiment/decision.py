"""`decision`: from scores to a label."""

from typing import Literal

from pydantic import Field

from kerasinst.experiment.section import Section


class DecisionSection(Section):
    """From scores to a label; a best score under `review_below` marks the file as "needs review"."""

    rule: Literal["argmax"] = "argmax"
    review_below: float = Field(default=0.5, ge=0, le=1)
