"""`training.pretrain`: where the first weights come from."""

from pathlib import Path

from pydantic import Field, model_validator

from kerasinst.experiment.section import Section


class PretrainSection(Section):
    """Says where the first weights of a network come from.

    In place of this section, a path is enough: that of a YAML file is an `experiment`, any other one is `weights`.

    - `weights`: run directory, a `model.keras` or an `.npz` file of kerasinst, a `.pth` file of PANNs, `yamnet.h5`, or
      the name of a keras-hub preset.
    - `experiment`: experiment file that is trained first. Give either this or `weights`.
    - `frozen_epochs`: number of first epochs in which loaded weights do not change, and the rest of the network is
      trained.
    - `frozen_learning_rate`: learning rate of these epochs; `null` is that of the training.
    """

    weights: str | None = None
    experiment: Path | None = None
    frozen_epochs: int = Field(default=0, ge=0)
    frozen_learning_rate: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_source(self) -> "PretrainSection":
        if (self.weights is None) == (self.experiment is None):
            raise ValueError("give weights (a file) or experiment (one to train first)")
        if self.frozen_learning_rate and not self.frozen_epochs:
            raise ValueError("frozen_learning_rate is for frozen_epochs: set frozen_epochs, too")
        return self
