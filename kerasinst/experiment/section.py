"""Classes and types that the sections of an experiment file share."""

import copy
import unicodedata
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Share = Annotated[float, Field(ge=0, lt=1)]
"""Share of something that may be 0, but not all of it."""
Kept = Annotated[float, Field(gt=0, le=1)]
"""Share that stays."""
Label = Annotated[str, AfterValidator(partial(unicodedata.normalize, "NFC"))]
"""Label in Unicode's form C, as readers give labels."""


def _named(item: Any) -> Any:
    """Takes `cutmix` or `{cutmix: {alpha: 1.0}}`."""
    if isinstance(item, str):
        return {item: {}}
    if isinstance(item, dict) and len(item) == 1:
        return {name: options or {} for name, options in item.items()}
    raise ValueError("write a name, or a name with its options: {NAME: {OPTION: VALUE}}")


Named = Annotated[dict[str, dict[str, Any]], BeforeValidator(_named)]
"""Name of an augmentation, a loss or a step of a decision, with its options."""


class Section(BaseModel):
    """A frozen part of an experiment, in which unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenSection(Section):
    """A section whose further keys are the options of the reader, front end or network that it names."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def options(self) -> dict[str, Any]:
        """Options of what the section names."""
        return copy.deepcopy(self.model_extra or {})
