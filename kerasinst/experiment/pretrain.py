"""`training.pretrain`: where the first weights come from."""

from pathlib import Path

from pydantic import Field, model_validator

from kerasinst.experiment.section import Section


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
