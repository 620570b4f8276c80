"""`training.distill`: teachers that soften the targets."""

from pydantic import Field

from kerasinst.experiment.section import Section


class DistillSection(Section):
    """Targets softened by teachers: classical models, fitted out of fold, and runs of kerasinst.

    A target becomes `weight` times the teachers' mean, after `temperature`, and for the rest what it was.
    """

    teachers: list[str] = Field(min_length=1)
    weight: float = Field(default=0.5, gt=0, le=1)
    temperature: float = Field(default=1.0, gt=0)
