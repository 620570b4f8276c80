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
    - `label_seconds`: length in seconds of the middle of a segment, whose labels it has if the data set says when each
      label sounds; `null` takes the whole segment. What is around gives the network context.
    - `frame_seconds`: length in seconds of the frames that a network scores one by one; a segment holds a whole number
      of them. `null` scores segments as a whole.
    - `soft_labels`: whether the target of a label is the share of that time in which it sounds, instead of 1 if it
      sounds at all. Figures always count the latter.
    - `trim_db`: silence at both ends of a clip, more than this many dB below its peak, is left out, in training and in
      all later use of the model; `null` keeps it.
    - `quiet_db`: segments whose peak is more than this many dB below that of the clip are left out, in training and in
      all later use of the model; `null` keeps them.
    """

    sample_rate: int = Field(default=22050, ge=2000, le=192000)
    segment_seconds: float = Field(default=2.0, gt=0, le=600)
    segments: int | None = Field(default=None, ge=1)
    hop_seconds: float | None = Field(default=None, gt=0)
    label_seconds: float | None = Field(default=None, gt=0)
    frame_seconds: float | None = Field(default=None, gt=0)
    soft_labels: bool = False
    trim_db: float | None = Field(default=None, gt=0)
    quiet_db: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_way(self) -> "AudioSection":
        if self.segments and self.hop_seconds:
            raise ValueError("give segments or hop_seconds, not both")
        if self.label_seconds and self.label_seconds > self.segment_seconds:
            raise ValueError(
                f"label_seconds {self.label_seconds} is longer than segment_seconds {self.segment_seconds}"
            )
        if self.frame_seconds:
            self._check_frames(self.frame_seconds)
        return self

    def _check_frames(self, seconds: float) -> None:
        """Refuses segments and hops that are no whole number of frames, and keys that contradict frames."""
        for name in ("segment_seconds", "hop_seconds"):
            length = getattr(self, name)
            if length and abs(length / seconds - round(length / seconds)) > 1e-6:
                raise ValueError(f"{name} {length} is no whole number of frames of {seconds} s (frame_seconds)")
        samples = seconds * self.sample_rate
        if abs(samples - round(samples)) > 1e-6:
            raise ValueError(
                f"frame_seconds {seconds} is {samples:g} samples at {self.sample_rate} Hz: no whole number"
            )
        if self.hop_seconds and self.hop_seconds > self.segment_seconds:
            raise ValueError("frame_seconds scores every frame: hop_seconds must not be longer than segment_seconds")
        for name in ("label_seconds", "trim_db", "quiet_db"):
            if getattr(self, name):
                raise ValueError(f"frame_seconds scores every frame: leave {name} out")

    @property
    def n_frames(self) -> int | None:
        """Number of frames of a segment that are scored one by one, or None."""
        return round(self.segment_seconds / self.frame_seconds) if self.frame_seconds else None

    @property
    def segment_samples(self) -> int:
        """Length of a segment in samples."""
        return round(self.segment_seconds * self.sample_rate)

    @property
    def labelled(self) -> tuple[float, float]:
        """Time from the beginning of a segment to that of its labelled part, and the length of that, in seconds."""
        seconds = self.label_seconds or self.segment_seconds
        return (self.segment_seconds - seconds) / 2, seconds

    @property
    def hop_samples(self) -> int:
        """Distance in samples from one segment to the next in clips that are covered from start to end."""
        return max(1, round((self.hop_seconds or self.segment_seconds) * self.sample_rate))
