"""`compression`: how a trained model is made smaller."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from kerasinst.experiment.section import Kept, Section


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
    show int8 and int4 which values occur. `variants` holds what `kerasinst.experiment.compression.VARIANTS` lacks; without it,
    `compress` makes the useful six.
    """

    epochs: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=0.0003, gt=0)
    distill: float = Field(default=1.0, ge=0, le=1)
    calibration: int = Field(default=200, ge=1)
    variants: dict[Annotated[str, Field(pattern=r"^\w[\w.-]*$")], VariantSection] = {}
