"""`frontend`: from waveforms to features."""

from typing import Literal

from pydantic import model_validator

from kerasinst.core.registry import FRONTENDS
from kerasinst.experiment.section import OpenSection


class FrontendSection(OpenSection):
    """Waveform to picture, and how the picture is scaled with what was learned from the training data."""

    name: str
    preset: str | None = None
    scaling: Literal["none", "min_max", "standardize", "per_clip", "peak"] = "standardize"

    @model_validator(mode="after")
    def _known(self):
        FRONTENDS.check(self.name, self.options)
        return self
