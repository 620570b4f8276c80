"""`decision`: from scores to a label."""

from typing import Literal

from pydantic import Field

from kerasinst.experiment.section import Section


class DecisionSection(Section):
    """Says how scores become a label.

    - `rule`: `argmax` takes the label with the best score.
    - `review_below`: recordings whose best score is below this are marked as "needs review".
    """

    rule: Literal["argmax"] = "argmax"
    review_below: float = Field(default=0.5, ge=0, le=1)
