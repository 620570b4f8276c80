"""`frontend`: from waveforms to features."""

from typing import Literal

from pydantic import model_validator

from kerasinst.core.registry import FRONTENDS
from kerasinst.experiment.section import OpenSection


class FrontendSection(OpenSection):
    """Says how waveforms become features.

    - `name`: name of the front end.
    - `preset`: name of one of its presets; further keys change single options of it.
    - `scaling`: how features are scaled: `none`; `min_max` maps the smallest and largest value in the training data to
      0 and 1; `standardize` gives each bin of each channel a mean of 0 and a standard deviation of 1 over the training
      data; `per_clip` does so for each channel of each segment by itself; `peak`, for features in dB, maps the loudest
      value of each segment to 1 and what is 80 dB below it to -1.
    """

    name: str
    preset: str | None = None
    scaling: Literal["none", "min_max", "standardize", "per_clip", "peak"] = "standardize"

    @model_validator(mode="after")
    def _known(self) -> "FrontendSection":
        FRONTENDS.check(self.name, self.options)
        return self
