"""The parts of an experiment file, each checked before any work starts."""

import copy
import unicodedata
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from kerasinst.core.errors import printable
from kerasinst.core.registry import AUGMENTATIONS, FRONTENDS, LOSSES, NETWORKS, READERS

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


class DatasetSection(OpenSection):
    """Where clips come from.

    `label_map` renames labels (null drops one), `labels` then restricts and orders them; shorter clips than
    `min_seconds` are left out.
    """

    reader: str
    path: Path | None = None
    label_map: dict[Label, Label | None] = {}
    labels: list[Label] | None = Field(default=None, min_length=1)
    min_seconds: float = Field(default=0.0, ge=0)

    @field_validator("label_map", mode="before")
    @classmethod
    def _each_once(cls, names: Any) -> Any:
        """One label in two forms of Unicode would be mapped to what comes last."""
        if isinstance(names, dict) and len({unicodedata.normalize("NFC", str(name)) for name in names}) < len(names):
            raise ValueError("a label stands there twice, in two forms of Unicode")
        return names

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        if path and printable(str(path)) != str(path):
            raise ValueError("an experiment file cannot hold a name that is not valid UTF-8; rename the folder")
        return path and path.expanduser().absolute()

    @model_validator(mode="after")
    def _known(self):
        READERS.check(self.reader, self.options)
        if self.labels and len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: a label stands there twice")
        return self


class AudioSection(Section):
    """How clips become segments: random ones, or one every `hop_seconds` (default: end to end).

    Silence at both ends of a clip, more than `trim_db` below its peak, and segments whose peak is more than `quiet_db`
    below the clip's loudest, are left out: in training and in whatever the model hears later.

    With `segments`, so many are drawn over the whole data set if it is split by segment. Split by group, training draws
    its share of them, and validation and test are covered from start to end, as `predict` does.
    """

    sample_rate: int = Field(default=22050, ge=2000, le=192000)
    segment_seconds: float = Field(default=2.0, gt=0, le=600)
    segments: int | None = Field(default=None, ge=1)
    hop_seconds: float | None = Field(default=None, gt=0)
    trim_db: float | None = Field(default=None, gt=0)
    quiet_db: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_way(self):
        if self.segments and self.hop_seconds:
            raise ValueError("give segments or hop_seconds, not both")
        return self

    @property
    def segment_samples(self) -> int:
        """Samples in one segment."""
        return round(self.segment_seconds * self.sample_rate)

    @property
    def hop_samples(self) -> int:
        """Samples from one segment to the next where clips are covered from start to end."""
        return max(1, round((self.hop_seconds or self.segment_seconds) * self.sample_rate))


class SplitSection(Section):
    """Shares of validation and test, where the data set's publishers made no split of their own.

    `by: group` is the honest way; `by: session` also keeps together what was likely recorded in one go (uploads whose
    numbers are at most `session_gap` apart); `by: segment` is the leaky protocol of some papers.
    """

    by: Literal["group", "session", "segment"] = "group"
    session_gap: int = Field(default=1000, ge=0)
    published: bool = True
    validation: Share = 0.16
    test: Share = 0.2
    seed: int = Field(default=1, ge=0)

    @property
    def protocol(self) -> str:
        """What metrics.json calls it: "segment" (leaky) or "group"."""
        return "segment" if self.by == "segment" else "group"

    @model_validator(mode="after")
    def _leaves_training(self):
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on: make them less than 1")
        return self


class FrontendSection(OpenSection):
    """Waveform to picture, and how the picture is scaled with what was learned from the training data."""

    name: str
    preset: str | None = None
    scaling: Literal["none", "min_max", "standardize", "per_clip", "peak"] = "standardize"

    @model_validator(mode="after")
    def _known(self):
        FRONTENDS.check(self.name, self.options)
        return self


class NetworkSection(OpenSection):
    """Picture to scores."""

    name: str

    @model_validator(mode="after")
    def _known(self):
        NETWORKS.check(self.name, self.options)
        return self


class PretrainSection(Section):
    """Where a network's first weights come from: a file of weights, or an experiment that is trained first.

    `weights` is a run directory, a model.keras or an .npz of kerasinst, a .pth of PANNs, yamnet.h5, or the name of a
    keras-hub preset. What was loaded is frozen for the first `frozen_epochs`, which train the rest of the network at
    `frozen_learning_rate`.
    """

    weights: str | None = None
    experiment: Path | None = None
    frozen_epochs: int = Field(default=0, ge=0)
    frozen_learning_rate: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_source(self):
        if (self.weights is None) == (self.experiment is None):
            raise ValueError("give weights (a file) or experiment (one to train first)")
        if self.frozen_learning_rate and not self.frozen_epochs:
            raise ValueError("frozen_learning_rate is for frozen_epochs: set frozen_epochs, too")
        return self


class DistillSection(Section):
    """Targets softened by teachers: classical models, fitted out of fold, and runs of kerasinst.

    A target becomes `weight` times the teachers' mean, after `temperature`, and for the rest what it was.
    """

    teachers: list[str] = Field(min_length=1)
    weight: float = Field(default=0.5, gt=0, le=1)
    temperature: float = Field(default=1.0, gt=0)


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


class SearchSection(Section):
    """What may vary (a file of search_spaces/, or its content), how often, and what is best."""

    space: dict[str, Any]
    tuner: Literal["random"] = "random"
    trials: int = Field(default=20, ge=1)
    objective: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    epochs: int | None = Field(default=None, ge=1)


class DecisionSection(Section):
    """From scores to a label; a best score under `review_below` marks the file as "needs review"."""

    rule: Literal["argmax"] = "argmax"
    review_below: float = Field(default=0.5, ge=0, le=1)


class PruneSection(Section):
    """Which share of the smallest weights becomes zero, and when.

    At once (`constant`), or from `initial_sparsity` on, epoch by epoch, faster first (`polynomial`). `sparsity` is of
    all layers together that `per_layer` does not name; small ones lose less of it. `per_layer` gives layers a share of
    their own; 0 leaves a layer as it is. With `block: 16`, a unit of a dense layer whose inputs are a multiple of 16
    loses 16 weights in a row or none, which compresses better; other layers lose single ones. With `pattern: "2:4"`,
    two of four weights in a row are zero, which some processors compute faster. `until_drop` raises the share step by
    step until validation accuracy falls by so much, and keeps the last one before that.
    """

    sparsity: float = Field(default=0.5, gt=0, lt=1)
    schedule: Literal["constant", "polynomial"] = "polynomial"
    initial_sparsity: float = Field(default=0.0, ge=0, lt=1)
    per_layer: dict[str, Annotated[float, Field(ge=0, lt=1)]] = {}
    block: int | None = Field(default=None, ge=2)
    pattern: Literal["2:4"] | None = None
    until_drop: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _possible(self):
        if self.schedule == "polynomial" and self.initial_sparsity >= self.sparsity:
            raise ValueError(f"initial_sparsity {self.initial_sparsity} must be below sparsity {self.sparsity}")
        if self.pattern and (self.sparsity != 0.5 or self.until_drop or self.block):
            raise ValueError("pattern 2:4 is a sparsity of 0.5: leave sparsity, block and until_drop out")
        return self


class VariantSection(Section):
    """How one small model is made of a trained one; what is given is done in this order, each with training after it.

    `student` holds changes of the experiment: another, smaller network that learns from the trained one. `shrink` is
    the share of channels that stay: of all layers, of each convolution and dense layer in order but the last, or by
    name. `cluster` is how many different values the weights of each large layer have left. `qat` trains while integers
    are simulated. `quantize` converts: float16 weights, `dynamic` (integer weights), `int8` (integers throughout, but
    for small last layers), or `int4` (convolutions and dense layers in integers, with half a byte for each weight of
    large ones but the scores). The front end always computes in floats. `epochs` and `learning_rate` are of this
    variant's training, where it needs others.
    """

    student: dict[str, Any] | None = None
    shrink: Kept | Annotated[list[Kept] | dict[str, Kept], Field(min_length=1)] | None = None
    prune: PruneSection | None = None
    cluster: int | None = Field(default=None, ge=3, le=256)
    qat: bool = False
    quantize: Literal["none", "float16", "dynamic", "int8", "int4"] = "none"
    frontend: Literal["float32"] = "float32"
    epochs: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)

    @field_validator("frontend", mode="before")
    @classmethod
    def _in_floats(cls, frontend: Any) -> Any:
        if frontend in ("int8", "float16"):
            raise ValueError(
                f"{frontend} cannot hold a front end: power spans more than 100 dB, where int8 tells 256 values apart "
                "and float16's logarithm of silence is infinite; leave it out: it stays float32, in the same file"
            )
        return frontend

    @field_validator("prune", mode="before")
    @classmethod
    def _share(cls, prune: Any) -> Any:
        """A number alone is the sparsity."""
        return {"sparsity": prune} if isinstance(prune, int | float) and not isinstance(prune, bool) else prune

    @model_validator(mode="after")
    def _sensible(self):
        if self.qat and self.quantize != "int8":
            raise ValueError("qat simulates integers: set quantize: int8")
        return self


VARIANTS: dict[str, dict[str, Any]] = {
    "float": {},
    "float16": {"quantize": "float16"},
    "dynamic": {"quantize": "dynamic"},
    "int8": {"quantize": "int8"},
    "int4": {"quantize": "int4"},
    "pruned": {"prune": 0.5},
    "clustered": {"cluster": 16},
    "shrunk": {"shrink": 0.8},
    "pruned_int8": {"prune": 0.5, "quantize": "int8"},
    "clustered_int8": {"cluster": 16, "quantize": "int8"},
    "shrunk_int8": {"shrink": 0.8, "quantize": "int8"},
    "pruned_clustered_int8": {"prune": 0.5, "cluster": 16, "quantize": "int8"},
    "qat_int8": {"qat": True, "quantize": "int8"},
    "pruned_qat_int8": {"prune": 0.5, "qat": True, "quantize": "int8"},
    "clustered_qat_int8": {"cluster": 16, "qat": True, "quantize": "int8"},
    "pruned_clustered_qat_int8": {"prune": 0.5, "cluster": 16, "qat": True, "quantize": "int8"},
    "pruned_until_it_breaks": {"prune": {"until_drop": 0.02}},
    "pruned_2_of_4": {"prune": {"pattern": "2:4"}},
}
"""Variants that need no words in an experiment."""
USEFUL = ("float", "float16", "int8", "pruned_int8", "clustered_int8", "qat_int8")
"""Those that are made where nobody says which."""


class CompressionSection(Section):
    """How a trained model is made smaller.

    Each step of a variant trains `epochs` again (None: a third of training's, at least 4) at `learning_rate`, with the
    data, the augmentations and the validation rule of the training. Targets are what the trained model says and, where
    its weight `distill` is below 1, the labels, with the training's loss. `calibration` is how many training segments
    show int8 and int4 which values occur. `variants` holds what `kerasinst.experiment.sections.VARIANTS` lacks; without it,
    `compress` makes the useful six.
    """

    epochs: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=0.0003, gt=0)
    distill: float = Field(default=1.0, ge=0, le=1)
    calibration: int = Field(default=200, ge=1)
    variants: dict[Annotated[str, Field(pattern=r"^\w[\w.-]*$")], VariantSection] = {}


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
