"""`training.distill`: teachers that soften the targets."""

from pydantic import Field

from kerasinst.experiment.section import Section


class DistillSection(Section):
    """Softens the targets of training with the scores of teachers.

    A target becomes `weight` times the mean of the teachers' scores, plus 1 - `weight` times what it was.

    - `teachers`: names of classical models, which are fitted out of fold, and run directories of kerasinst.
    - `weight`: weight of the teachers.
    - `temperature`: number by which the logarithms of scores are divided; above 1, scores come closer to each other.
    """

    teachers: list[str] = Field(min_length=1)
    weight: float = Field(default=0.5, gt=0, le=1)
    temperature: float = Field(default=1.0, gt=0)
