"""`training`: the fit."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from kerasinst.core.registry import AUGMENTATIONS, LOSSES
from kerasinst.experiment.distill import DistillSection
from kerasinst.experiment.pretrain import PretrainSection
from kerasinst.experiment.section import Named, Section


class TrainingSection(Section):
    """The fit: how long and with what, which data each epoch sees, and which epoch is kept.

    The best epoch by `monitor` is kept (or the last one, which needs no validation split: where there are few
    recordings, all can train); without a better one for `patience` epochs the fit ends. `schedule: cosine`
    lets the learning rate fall to 0, after `warmup_epochs` in which it rises; `average` is the momentum of the moving
    average of weights. `sampling: balanced` draws all labels equally often, and all clips of a label. `copies` keeps
    that many copies of the training set with waveform augmentations; without it they are drawn anew in every step.
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
    augment: list[Named] = []
    copies: int | None = Field(default=None, ge=1)
    class_weights: Literal["balanced"] | None = None
    sampling: Literal["natural", "balanced"] = "natural"
    pretrain: PretrainSection | None = None
    distill: DistillSection | None = None
    monitor: Literal["val_accuracy", "val_loss", "last"] = "val_accuracy"
    patience: int | None = Field(default=None, ge=1)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(default=[1], min_length=1)

    @field_validator("pretrain", mode="before")
    @classmethod
    def _file(cls, pretrain: Any) -> Any:
        """A path alone is an experiment if it is a YAML file, and weights otherwise."""
        if isinstance(pretrain, str):
            return {"experiment" if pretrain.endswith((".yaml", ".yml")) else "weights": pretrain}
        return pretrain

    @model_validator(mode="after")
    def _known(self):
        for item in self.augment:
            for name, options in item.items():
                AUGMENTATIONS.check(name, options)
        for name, options in (self.loss or {}).items():
            LOSSES.check(name, options)
        if self.patience and self.monitor == "last":
            raise ValueError("patience waits for a better epoch: monitor val_accuracy or val_loss, or drop it")
        if self.weight_decay is not None and self.optimizer == "adam":
            raise ValueError("weight_decay needs optimizer: adamw")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(f"warmup_epochs {self.warmup_epochs} must be fewer than epochs {self.epochs}")
        if self.pretrain and self.pretrain.frozen_epochs > self.epochs:
            raise ValueError(f"frozen_epochs {self.pretrain.frozen_epochs} are more than epochs {self.epochs}")
        return self
