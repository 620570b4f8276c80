"""`search.halving`: which trials are stopped early."""

from pydantic import Field

from kerasinst.experiment.section import Section


class HalvingSection(Section):
    """Says which trials are stopped early.

    After `min_epochs`, and each time that the number of epochs has grown by `factor`, a trial goes on if it is among
    the best 1/`factor` of the trials so far. The first trials are never stopped: they tell how well the order after few
    epochs agrees with that at the end, and where it does not, no trial is stopped.

    - `factor`: how many times as many epochs there are from one comparison to the next.
    - `min_epochs`: number of epochs before the first comparison.
    - `whole_trials`: number of first trials that are never stopped.
    """

    factor: int = Field(default=3, ge=2)
    min_epochs: int = Field(default=3, ge=1)
    whole_trials: int = Field(default=5, ge=3)
