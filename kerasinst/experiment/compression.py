"""`compression`: how a trained model is made smaller."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from kerasinst.experiment.section import Kept, Section


class PruneSection(Section):
    """Says which share of the smallest weights becomes zero, and when.

    - `sparsity`: share of zeros among the weights of all layers together that `per_layer` does not name. Small layers
      lose less than large ones.
    - `schedule`: `constant` removes all of them at once, `polynomial` removes them step by step, faster at first.
    - `initial_sparsity`: share with which `polynomial` begins; it must be below `sparsity`.
    - `per_layer`: shares of single layers, by their names; 0 leaves a layer as it is.
    - `block`: number of neighbouring weights that become zero together, which compresses better; `null` removes single
      weights. It applies to dense layers whose number of inputs is a multiple of it.
    - `pattern`: `"2:4"` sets two of four neighbouring weights to zero, which some processors compute faster. It needs a
      `sparsity` of 0.5, and neither `block` nor `until_drop`.
    - `until_drop`: raise the share step by step until validation accuracy has fallen by more than this, and keep the
      last network before that; `null` prunes once.
    """

    sparsity: float = Field(default=0.5, gt=0, lt=1)
    schedule: Literal["constant", "polynomial"] = "polynomial"
    initial_sparsity: float = Field(default=0.0, ge=0, lt=1)
    per_layer: dict[str, Annotated[float, Field(ge=0, lt=1)]] = Field(default={})
    block: int | None = Field(default=None, ge=2)
    pattern: Literal["2:4"] | None = None
    until_drop: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _possible(self) -> "PruneSection":
        if self.schedule == "polynomial" and self.initial_sparsity >= self.sparsity:
            raise ValueError(f"initial_sparsity {self.initial_sparsity} must be below sparsity {self.sparsity}")
        if self.pattern and (self.sparsity != 0.5 or self.until_drop or self.block):
            raise ValueError("pattern 2:4 is a sparsity of 0.5: leave sparsity, block and until_drop out")
        return self


class VariantSection(Section):
    """Says how one small model is made of a trained one.

    The steps are done in the order of these keys. All of them, except for the conversion, train the network again.

    - `student`: changes of the experiment, such as `{network.filters: [8, 16, 24]}`, which describe another, smaller
      network that learns from the trained one.
    - `shrink`: share of channels that stay: one number for all layers, a list with one number for each convolution and
      dense layer in order except for the last one, or numbers by the names of layers.
    - `prune`: sparsity, or a section that says more.
    - `cluster`: number of different values that the weights of each large layer may have.
    - `qat`: whether to simulate integers in training (quantisation-aware training); it needs `quantize: int8`.
    - `quantize`: how the network is converted: `none` (float32), `float16` (weights only), `dynamic` (weights as
      integers), `int8` (integers throughout, except for small last layers), or `int4` (convolutions and dense layers
      compute in integers, with 4 bits for each weight of large layers, except for the last one).
    - `frontend`: type in which the front end computes, which is always `float32`.
    - `epochs`: epochs of each training; `null` is that of `compression`.
    - `learning_rate`: learning rate of each training; `null` is that of `compression`.
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
        """Explains why a front end cannot compute in smaller types."""
        if frontend in ("int8", "float16"):
            raise ValueError(
                f"{frontend} cannot hold a front end: power spans more than 100 dB, where int8 tells 256 values apart "
                "and float16's logarithm of silence is infinite; leave it out: it stays float32, in the same file"
            )
        return frontend

    @field_validator("prune", mode="before")
    @classmethod
    def _share(cls, prune: Any) -> Any:
        """Takes a number for the sparsity."""
        return {"sparsity": prune} if isinstance(prune, int | float) and not isinstance(prune, bool) else prune

    @model_validator(mode="after")
    def _sensible(self) -> "VariantSection":
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
"""Variants that have a name, so that an experiment need not describe them."""
USEFUL = ("float", "float16", "int8", "pruned_int8", "clustered_int8", "qat_int8")
"""Variants that are made by default."""


class CompressionSection(Section):
    """Says how a trained model is made smaller by `compress`.

    Each step of a variant trains the network again, with the data, the augmentations and the validation of the
    training.

    - `epochs`: epochs of each training; `null` is a third of those of the training, but at least 4.
    - `learning_rate`: learning rate of each training.
    - `distill`: weight of the trained model's scores in the targets. The rest, 1 - `distill`, is the weight of the
      labels, with the loss of the training.
    - `calibration`: number of training segments that show `int8` and `int4` which values occur.
    - `variants`: variants by names of your own, besides those that have a name already. If there are none, and
      `compress` is not told which to make, it makes the six most useful ones.
    """

    epochs: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=0.0003, gt=0)
    distill: float = Field(default=1.0, ge=0, le=1)
    calibration: int = Field(default=200, ge=1)
    variants: dict[Annotated[str, Field(pattern=r"^\w[\w.-]*$")], VariantSection] = Field(default={})
