"""`dataset`: where clips come from."""

import unicodedata
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from kerasinst.core.errors import printable
from kerasinst.core.registry import READERS
from kerasinst.experiment.section import Label, OpenSection

RENDERED = ("soundfont", "general_midi")
"""Readers that make their audio themselves."""


class DatasetSection(OpenSection):
    """Where clips come from.

    `label_map` renames labels (null drops one), `labels` then restricts and orders them; shorter clips than
    `min_seconds` are left out.
    """

    reader: str
    path: Path | None = None
    label_map: dict[Label, Label | None] = {}
    labels: list[Label] | None = Field(default=None, min_length=1)
    min_seconds: float = Field(default=0.0, ge=0)

    @field_validator("label_map", mode="before")
    @classmethod
    def _each_once(cls, names: Any) -> Any:
        """One label in two forms of Unicode would be mapped to what comes last."""
        if isinstance(names, dict) and len({unicodedata.normalize("NFC", str(name)) for name in names}) < len(names):
            raise ValueError("a label stands there twice, in two forms of Unicode")
        return names

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        if path and printable(str(path)) != str(path):
            raise ValueError("an experiment file cannot hold a name that is not valid UTF-8; rename the folder")
        return path and path.expanduser().absolute()

    @model_validator(mode="after")
    def _known(self):
        READERS.check(self.reader, self.options)
        if self.labels and len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: a label stands there twice")
        return self
