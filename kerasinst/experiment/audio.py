"""`audio`: how clips become segments."""

from pydantic import Field, model_validator

from kerasinst.experiment.section import Section


class AudioSection(Section):
    """Says how clips become segments, which are what a network hears at once.

    - `sample_rate`: sample rate in Hz to which all audio is resampled.
    - `segment_seconds`: length of a segment in seconds. Shorter clips are filled up with zeros.
    - `segments`: number of segments that are drawn at random. If the data set is split by segment, they are drawn from
      all clips. Otherwise training draws its share of them, and clips of validation and test are covered from start to
      end, as in `predict`. `null` covers all clips from start to end.
    - `hop_seconds`: distance in seconds from one segment to the next in clips that are covered; `null` is the length of
      a segment. Give either this or `segments`.
    - `trim_db`: silence at both ends of a clip, more than this many dB below its peak, is left out, in training and in
      all later use of the model; `null` keeps it.
    - `quiet_db`: segments whose peak is more than this many dB below that of the clip are left out, in training and in
      all later use of the model; `null` keeps them.
    """

    sample_rate: int = Field(default=22050, ge=2000, le=192000)
    segment_seconds: float = Field(default=2.0, gt=0, le=600)
    segments: int | None = Field(default=None, ge=1)
    hop_seconds: float | None = Field(default=None, gt=0)
    trim_db: float | None = Field(default=None, gt=0)
    quiet_db: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_way(self) -> "AudioSection":
        if self.segments and self.hop_seconds:
            raise ValueError("give segments or hop_seconds, not both")
        return self

    @property
    def segment_samples(self) -> int:
        """Length of a segment in samples."""
        return round(self.segment_seconds * self.sample_rate)

    @property
    def hop_samples(self) -> int:
        """Distance in samples from one segment to the next in clips that are covered from start to end."""
        return max(1, round((self.hop_seconds or self.segment_seconds) * self.sample_rate))
