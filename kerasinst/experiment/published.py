"""`published`: what the study that an experiment repeats reports."""

from typing import Any, Literal

from pydantic import Field

from kerasinst.experiment.section import Section


class PublishedResult(Section):
    """A published figure, and what it is a figure of.

    That is a network whose experiment has the values of `where` (dotted keys), perhaps in a compressed `variant`, or a
    classical model on one form of features.
    """

    model: str = "network"
    features: Literal["picture", "statistics"] = "picture"
    variant: str | None = None
    where: dict[str, Any] = {}
    accuracy: float | None = Field(default=None, ge=0, le=1)
    macro_precision: float | None = Field(default=None, ge=0, le=1)
    macro_recall: float | None = Field(default=None, ge=0, le=1)
    macro_f1: float | None = Field(default=None, ge=0, le=1)
    parameters: int | None = Field(default=None, ge=0)
    per_label: dict[str, float] = {}


class PublishedSection(Section):
    """What the study that an experiment repeats reports, and how it split its data."""

    study: str
    protocol: Literal["group", "segment"]
    results: list[PublishedResult] = Field(min_length=1)
