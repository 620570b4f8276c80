"""`audio`: how clips become segments."""

from pydantic import Field, model_validator

from kerasinst.experiment.section import Section


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
