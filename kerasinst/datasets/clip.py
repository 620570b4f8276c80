"""A clip is a labelled recording, or a part of one; a segment is what a network hears of it at once."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Clip:
    """One labelled piece of audio.

    Attributes:
        name: unique within the data set; its path there, with forward slashes.
        path: of the audio file.
        labels: one label or more.
        group: what must not be torn apart by a split: a recording, a song, an instrument.
        start: in seconds from the beginning of the file, or None.
        end: in seconds from the beginning of the file, or None.
    """

    name: str
    path: Path
    labels: tuple[str, ...]
    group: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of a clip, from `start` samples (at the experiment's sample rate) on."""

    clip: Clip
    start: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the clip."""
        return self.clip.labels

    @property
    def group(self) -> str:
        """Group of the clip."""
        return self.clip.group
