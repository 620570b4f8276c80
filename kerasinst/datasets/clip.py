"""Describes clips, which are labelled recordings or parts of them, and segments, which networks hear one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kerasinst.datasets.annotations import Note

SplitName = Literal["train", "validation", "test"]
"""Names of the three splits."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled piece of audio.

    Attributes:
        name: unique name, which is the path within the data set, with forward slashes.
        path: path of the audio file.
        labels: labels of the clip; most data sets have one per clip.
        group: name of what a split must keep together, such as a recording, a song or an instrument.
        start: beginning in seconds from the beginning of the file; None is the beginning of the file.
        end: end in seconds from the beginning of the file; None is the end of the file.
        notes: notes that are played, or other events, if the data set gives them, with times counted from `start`.
        split: split to which the publishers of the data set assigned the clip, or None.
        unknown: labels that nobody judged. Labels that are neither here nor in `labels` are absent.
        serial: number in the order of recording or upload; clips with near numbers are likely of one session.
        columns: further facts by which accuracy may be sliced, such as pitch and dynamics.
        problem: why the clip cannot be used, such as missing labels, or None; `collect` reports it and goes on.
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
    """A stretch of a clip.

    Attributes:
        clip: the clip.
        start: first sample, at the sample rate of the experiment.
        sounding: labels that sound in it, or None if nobody marked when each label of the clip sounds.
    """

    clip: Clip
    start: int
    sounding: tuple[str, ...] | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that sound in it, or those of the clip if it is not known when they sound."""
        return self.clip.labels if self.sounding is None else self.sounding

    @property
    def group(self) -> str:
        """Group of the clip."""
        return self.clip.group
