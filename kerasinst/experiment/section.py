"""What all sections of an experiment file have in common."""

import copy
import unicodedata
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Share = Annotated[float, Field(ge=0, lt=1)]
Kept = Annotated[float, Field(gt=0, le=1)]
Label = Annotated[str, AfterValidator(partial(unicodedata.normalize, "NFC"))]
"""Readers give labels in this form of Unicode."""


def _named(item: Any) -> Any:
    """`cutmix` and `{cutmix: {alpha: 1.0}}` are both ways to name one."""
    if isinstance(item, str):
        return {item: {}}
    if isinstance(item, dict) and len(item) == 1:
        return {name: options or {} for name, options in item.items()}
    raise ValueError("write a name, or a name with its options such as {cutmix: {alpha: 1.0}}")


Named = Annotated[dict[str, dict[str, Any]], BeforeValidator(_named)]
"""An augmentation or a loss, with its options."""


class Section(BaseModel):
    """A frozen part of an experiment; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenSection(Section):
    """A part whose further keys are the options of the reader, front end or network that it names."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def options(self) -> dict[str, Any]:
        """The keys that belong to what is named."""
        return copy.deepcopy(self.model_extra or {})
