"""`published`: what the study that an experiment repeats reports."""

from typing import Any, Literal

from pydantic import Field, model_validator

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
    - `top1_in_labels`: published share of clips of which the best label is one of the true ones, from 0 to 1.
    - `recall_playing`: published share of the sounding labels that are reported, from 0 to 1.
    - `false_positives_per_frame`: published number of labels that are falsely reported, in a frame on average.
    - `mean_average_precision`: published mean average precision, from 0 to 1.
    - `parameters`: published number of parameters.
    - `per_label`: published figure of each label.
    - `per_label_figure`: which figure that is: `recall`, `precision` or `f1`.
    - `confusion`: published confusion matrix: of each true label, what it was taken for, in the order of the rows.
    """

    model: str = "network"
    features: Literal["picture", "statistics"] = "picture"
    variant: str | None = None
    where: dict[str, Any] = Field(default={})
    accuracy: float | None = Field(default=None, ge=0, le=1)
    macro_precision: float | None = Field(default=None, ge=0, le=1)
    macro_recall: float | None = Field(default=None, ge=0, le=1)
    macro_f1: float | None = Field(default=None, ge=0, le=1)
    top1_in_labels: float | None = Field(default=None, ge=0, le=1)
    recall_playing: float | None = Field(default=None, ge=0, le=1)
    false_positives_per_frame: float | None = Field(default=None, ge=0)
    mean_average_precision: float | None = Field(default=None, ge=0, le=1)
    parameters: int | None = Field(default=None, ge=0)
    per_label: dict[str, float] = Field(default={})
    per_label_figure: Literal["recall", "precision", "f1"] = "recall"
    confusion: dict[str, list[int]] | None = None

    @model_validator(mode="after")
    def _square(self) -> "PublishedResult":
        for label, row in (self.confusion or {}).items():
            if len(row) != len(self.confusion or {}):
                raise ValueError(f"confusion: the row of {label} must have as many numbers as there are rows")
        return self


class PublishedSection(Section):
    """Holds the results of the study that an experiment repeats.

    - `study`: title of the study.
    - `protocol`: how the study split its data: `group`, or `segment` if parts of one recording were on both sides.
    - `results`: its results.
    - `differences`: sentences that say in what this experiment differs from the study, and why.
    """

    study: str
    protocol: Literal["group", "segment"]
    results: list[PublishedResult] = Field(min_length=1)
    differences: list[str] = Field(default=[])
