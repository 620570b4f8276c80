"""A clip is a labelled recording, or a part of one; a segment is what a network hears of it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kerasinst.datasets.annotations import Note

SplitName = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled piece of audio.

    Attributes:
        name: unique within the data set; its path there, with forward slashes.
        path: of the audio file.
        labels: one label or more.
        group: what must not be torn apart by a split: a recording, a song, an instrument.
        start: in seconds from the beginning of the file, or None.
        end: in seconds from the beginning of the file, or None.
        notes: what is played when, where the data set says so; times count from `start`.
        split: where the data set's publishers put the clip, or None.
        unknown: labels that nobody judged; what is neither here nor in `labels` is absent.
        serial: a number in the order of recording or upload; neighbours are likely of one session.
        columns: further facts for slices of a comparison, such as pitch and dynamics.
        problem: why it cannot be used, such as labels that are missing, or None; `collect` reports it and goes on.
    """

    name: str
    path: Path
    labels: tuple[str, ...]
    group: str
    start: float | None = None
    end: float | None = None
    notes: tuple[Note, ...] = field(default=(), compare=False, repr=False)
    split: SplitName | None = None
    unknown: tuple[str, ...] = ()
    serial: int | None = None
    columns: Mapping[str, str | int | float] = field(default_factory=dict, compare=False, repr=False)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
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
