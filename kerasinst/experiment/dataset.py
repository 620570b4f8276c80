"""`dataset`: where clips come from."""

import unicodedata
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from kerasinst.core.errors import printable
from kerasinst.core.registry import READERS
from kerasinst.experiment.section import Label, OpenSection

RENDERED = ("soundfont", "general_midi", "ensembles")
"""Readers that render their audio."""
LOOK_ALIKES = ("audioset", "fsdkaggle2018", "irmas", "musicnet")
"""Readers that read a rendered look-alike of their data set if no path is given."""


class DatasetSection(OpenSection):
    """Says where clips come from.

    - `reader`: name of the reader of the data set.
    - `path`: folder or file of the data set; readers that render their audio need none. Without one, audioset,
      fsdkaggle2018, irmas and musicnet read a look-alike of a few hundred rendered recordings in the same layout.
    - `label_map`: new names of labels; two labels with the same new name are joined, and `null` drops a label.
    - `labels`: labels to keep, after `label_map`, in the order of scores; `null` keeps all, sorted.
    - `coarse_labels`: coarser label of each label that is a kind of one, such as `{electric piano: piano}`, for
      single-label tasks; figures then also say how often the coarse label is right.
    - `label_by`: `instrument`, or `pitch` for a network that hears which notes sound and when they begin; the data set
      must list notes with pitches.
    - `most_clips`: at most this many clips of each label are used, chosen by their names; `null` uses all.
    - `min_seconds`: clips shorter than this are left out.
    """

    reader: str
    path: Path | None = None
    label_map: dict[Label, Label | None] = Field(default={})
    labels: list[Label] | None = Field(default=None, min_length=1)
    coarse_labels: dict[Label, Label] = Field(default={})
    label_by: Literal["instrument", "pitch"] = "instrument"
    most_clips: int | None = Field(default=None, ge=1)
    min_seconds: float = Field(default=0.0, ge=0)

    @field_validator("label_map", mode="before")
    @classmethod
    def _each_once(cls, names: Any) -> Any:
        """Refuses one label in two forms of Unicode, since only the last one would count."""
        if isinstance(names, dict) and len({unicodedata.normalize("NFC", str(name)) for name in names}) < len(names):
            raise ValueError("a label stands there twice, in two forms of Unicode")
        return names

    @property
    def is_look_alike(self) -> bool:
        """Whether a rendered look-alike stands for the data set."""
        return self.path is None and self.reader in LOOK_ALIKES

    @property
    def rendered(self) -> str:
        """Says that the audio is rendered, or is empty."""
        if self.is_look_alike:
            return "rendered look-alike"
        return "rendered audio" if self.reader in RENDERED else ""

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """Makes a path absolute."""
        if path and printable(str(path)) != str(path):
            raise ValueError("an experiment file cannot hold a name that is not valid UTF-8; rename the folder")
        return path and path.expanduser().absolute()

    @model_validator(mode="after")
    def _known(self) -> "DatasetSection":
        READERS.check(self.reader, self.options)
        if self.labels and len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: a label stands there twice")
        return self
