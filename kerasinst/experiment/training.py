"""`training`: the fit."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from kerasinst.core.registry import AUGMENTATIONS, LOSSES
from kerasinst.experiment.distill import DistillSection
from kerasinst.experiment.pretrain import PretrainSection
from kerasinst.experiment.section import Named, Section

FIGURES = ("val_accuracy", "val_loss", "val_macro_f1", "val_mean_average_precision", "val_missed_and_false")
"""Figures of the validation segments by which epochs and trials are compared; losses are best if small."""


class TrainingSection(Section):
    """Says how the network is trained, and which epoch is kept.

    - `epochs`: number of epochs.
    - `batch_size`: number of segments in a batch.
    - `learning_rate`: learning rate, or its highest value if it changes.
    - `schedule`: `constant`, or `cosine`, which lets the learning rate fall to 0.
    - `warmup_epochs`: number of first epochs in which the learning rate rises from 0.
    - `optimizer`: `adam` or `adamw`.
    - `weight_decay`: weight decay of `adamw`; `null` is 0.004.
    - `clip_norm`: largest norm of all gradients together; `null` does not clip them.
    - `average`: momentum of a moving average of the weights, which is what is kept; `null` keeps the weights
      themselves.
    - `precision`: type in which layers compute; weights stay in float32.
    - `loss`: loss and its options; `null` is `categorical_crossentropy` for single-label tasks and
      `binary_crossentropy` for multi-label tasks.
    - `augment`: augmentations and their options, which are applied in this order.
    - `copies`: number of copies of the training set whose waveforms are augmented once; `null` augments anew in every
      step.
    - `class_weights`: `balanced` gives rare labels more weight in the loss; `null` gives all the same.
    - `sampling`: `natural` sees each segment once per epoch; `balanced` draws all labels equally often, and all clips
      of a label equally often.
    - `pretrain`: where the first weights come from; `null` draws them at random.
    - `distill`: teachers that soften the targets.
    - `monitor`: figure of the validation segments by which the best epoch is chosen; `last` keeps the last epoch, which
      needs no validation split. `val_macro_f1` and `val_mean_average_precision` are means over the labels that occur,
      and take another pass over the validation segments in each epoch. `val_missed_and_false` is the share of playing
      labels that are missed plus that of silent ones that are reported, at a threshold of 0.5. In multi-label tasks,
      `val_accuracy` stands for `val_mean_average_precision`, since a network that reports nothing gets most labels
      right.
    - `patience`: number of epochs without a better one after which training ends; `null` trains all epochs.
    - `seeds`: seeds of trainings. With several, the network is trained once with each, and the best one by validation
      is kept.
    """

    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=0.001, gt=0)
    schedule: Literal["constant", "cosine"] = "constant"
    warmup_epochs: int = Field(default=0, ge=0)
    optimizer: Literal["adam", "adamw"] = "adam"
    weight_decay: float | None = Field(default=None, ge=0)
    clip_norm: float | None = Field(default=None, gt=0)
    average: float | None = Field(default=None, gt=0, lt=1)
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    loss: Annotated[Named, AfterValidator(LOSSES.current)] | None = None
    augment: list[Named] = Field(default=[])
    copies: int | None = Field(default=None, ge=1)
    class_weights: Literal["balanced"] | None = None
    sampling: Literal["natural", "balanced"] = "natural"
    pretrain: PretrainSection | None = None
    distill: DistillSection | None = None
    monitor: Literal[
        "val_accuracy", "val_loss", "val_macro_f1", "val_mean_average_precision", "val_missed_and_false", "last"
    ] = "val_accuracy"  # fmt: skip
    patience: int | None = Field(default=None, ge=1)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(default=[1], min_length=1)

    @field_validator("pretrain", mode="before")
    @classmethod
    def _file(cls, pretrain: Any) -> Any:
        """Takes a path alone for an experiment if it is a YAML file, and for weights otherwise."""
        if isinstance(pretrain, str):
            return {"experiment" if pretrain.endswith((".yaml", ".yml")) else "weights": pretrain}
        return pretrain

    @model_validator(mode="after")
    def _known(self) -> "TrainingSection":
        for item in self.augment:
            for name, options in item.items():
                AUGMENTATIONS.check(name, options)
        for name, options in (self.loss or {}).items():
            LOSSES.check(name, options)
        if self.patience and self.monitor == "last":
            raise ValueError("patience waits for a better epoch: monitor a figure such as val_accuracy, or drop it")
        if self.weight_decay is not None and self.optimizer == "adam":
            raise ValueError("weight_decay needs optimizer: adamw")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(f"warmup_epochs {self.warmup_epochs} must be fewer than epochs {self.epochs}")
        if self.pretrain and self.pretrain.frozen_epochs > self.epochs:
            raise ValueError(f"frozen_epochs {self.pretrain.frozen_epochs} are more than epochs {self.epochs}")
        return self
