"""`published`: what the study that an experiment repeats reports."""

from typing import Any, Literal

from pydantic import Field

from kerasinst.experiment.section import Section


class PublishedResult(Section):
    """A published result, and which model it belongs to.

    - `model`: `network`, or the name of a classical model.
    - `features`: form of the features of a classical model: `picture` (all values) or `statistics` (over time).
    - `variant`: name of a compressed variant of the network; `null` is the network as it was trained.
    - `where`: values of dotted keys that an experiment must have, so that the result is one of its network.
    - `accuracy`: published accuracy, from 0 to 1.
    - `macro_precision`: published mean precision of the labels, from 0 to 1.
    - `macro_recall`: published mean recall of the labels, from 0 to 1.
    - `macro_f1`: published mean F1 of the labels, from 0 to 1.
    - `parameters`: published number of parameters.
    - `per_label`: published figure of each label, as the study gives it.
    """

    model: str = "network"
    features: Literal["picture", "statistics"] = "picture"
    variant: str | None = None
    where: dict[str, Any] = Field(default={})
    accuracy: float | None = Field(default=None, ge=0, le=1)
    macro_precision: float | None = Field(default=None, ge=0, le=1)
    macro_recall: float | None = Field(default=None, ge=0, le=1)
    macro_f1: float | None = Field(default=None, ge=0, le=1)
    parameters: int | None = Field(default=None, ge=0)
    per_label: dict[str, float] = Field(default={})


class PublishedSection(Section):
    """Holds the results of the study that an experiment repeats.

    - `study`: title of the study.
    - `protocol`: how the study split its data: `group`, or `segment` if parts of one recording were on both sides.
    - `results`: its results.
    """

    study: str
    protocol: Literal["group", "segment"]
    results: list[PublishedResult] = Field(min_length=1)
