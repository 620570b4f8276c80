"""Writes what a model says of recordings: a table of all, and files of each in formats of other programs."""

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kerasinst.core import files
from kerasinst.core.errors import BadInput, one_line, suggest
from kerasinst.models.tagger import Tag, Tagger
from kerasinst.models.timeline import Timeline
from kerasinst.reporting.named_files import NamedFiles

TABLE = "tags.csv"
"""Name of the table of all recordings."""
COLUMNS = ["file", "name", "labels", "needs_review"]
"""Its columns, before those of labels."""
SETTINGS = "settings.json"
"""Name of the file that says how they were tagged."""
RESERVED = ("tags", "settings")
"""Names that no recording's files get."""


def _json(tag: Tag, timeline: Timeline, *, sample_rate: int) -> str:
    """Writes everything."""
    return json.dumps(asdict(tag), ensure_ascii=False, indent=1) + "\n"


def _csv(tag: Tag, timeline: Timeline, *, sample_rate: int) -> str:
    """Writes start, end, label and score of what sounds."""
    return timeline.csv()


def _audacity(tag: Tag, timeline: Timeline, *, sample_rate: int) -> str:
    """Writes a label track, see https://manual.audacityteam.org/man/importing_and_exporting_labels.html."""
    return "".join(f"{each.start:.6f}\t{each.end:.6f}\t{one_line(each.label)}\n" for each in timeline.events())


def _raven(tag: Tag, timeline: Timeline, *, sample_rate: int) -> str:
    """Writes a selection table of Raven Pro; the selections span all frequencies."""
    columns = (
        "Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)",
        "Annotation", "Score",
    )  # fmt: skip
    lines = ["\t".join(columns)]
    for number, each in enumerate(timeline.events(), 1):
        cells = (number, "Spectrogram 1", 1, each.start, each.end, 0, sample_rate // 2, one_line(each.label))
        lines.append("\t".join(map(str, (*cells, each.score))))
    return "\n".join(lines) + "\n"


FORMATS: dict[str, tuple[str, Callable[..., str]]] = {
    "json": (".json", _json),
    "csv": (".csv", _csv),
    "audacity": (".audacity.txt", _audacity),
    "raven": (".raven.txt", _raven),
}
"""Formats by their names: suffix, and what writes the content."""


class TagFiles(NamedFiles):
    """A folder with a table of recordings, and files of each under its name.

    Args:
        folder: folder, which is made unless it is there.
        formats: names of `FORMATS`.
        tagger: tagger whose tags are written.
        options: further options of the tags, which JSON can hold.
        resume: whether a table that is there already is continued.

    Attributes:
        done: absolute paths of the files that stand in the table.

    Raises:
        BadInput: if the folder cannot be made, there is no such format, or the folder holds a table that is not to be
            continued, or that was made by another model or with other options.

    Example:
        >>> files = TagFiles("tags", ["json"], tagger=tagger)
        >>> files.write(*tagger.listen("song.wav"), recording=Path("song.wav"))
    """

    def __init__(
        self,
        folder: str | Path,
        formats: Sequence[str],
        *,
        tagger: Tagger,
        options: Mapping[str, Any] | None = None,
        resume: bool = False,
    ) -> None:
        for name in formats:
            if name not in FORMATS:
                raise BadInput(f"--format {name}: there is no such format; {suggest(name, FORMATS)}")
        super().__init__(folder, RESERVED)
        if not (self.folder / TABLE).is_file() and any(self.folder.iterdir()):
            raise BadInput(f"{folder}: holds other files; give a new or empty folder to --to")
        self._formats, self._labels = list(dict.fromkeys(formats)), list(tagger.labels)
        self._rate = tagger.sample_rate
        self._table, settings = self.folder / TABLE, self.folder / SETTINGS
        header = [*COLUMNS, *self._labels]
        asked = {"model": tagger.digest, "formats": self._formats, **(options or {})}
        rows = self._rows_there() if self._table.exists() else []
        if rows and not resume:
            raise BadInput(f"{self._table}: holds the tags of {len(rows)} files; add --resume to go on, or change --to")
        if rows:
            self._check(asked)
        self.done = {os.path.abspath(row[0]) for row in rows}
        self.taken |= {row[1].casefold() for row in rows}
        files.write_json(settings, asked)
        files.write_text(self._table, files.csv_text([header, *rows]))  # without what a kill has left half written

    def write(self, tag: Tag, timeline: Timeline, *, recording: Path) -> None:
        """Writes the files of a recording, and then its row of the table.

        Args:
            tag: its labels.
            timeline: what sounds when in it.
            recording: its path, of which files take the name; a name that is taken gets a number.
        """
        name = self.name_for(recording)
        for suffix, written in (FORMATS[each] for each in self._formats):
            files.write_text(self.folder / f"{name}{suffix}", written(tag, timeline, sample_rate=self._rate))
        scores = [tag.scores[label] for label in self._labels]
        with open(self._table, "a", encoding="utf-8", newline="") as table:
            table.write(files.csv_text([[tag.file, name, "|".join(tag.labels), tag.needs_review, *scores]]))

    def _rows_there(self) -> list[list[str]]:
        """Reads the whole rows of the table."""
        with open(self._table, encoding="utf-8", errors="replace", newline="") as table:
            text = table.read()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if not text.endswith("\n"):
            rows = rows[:-1]
        if rows and rows[0][:4] != COLUMNS:
            raise BadInput(f"{self._table}: is no table of tags; give a new or empty folder to --to")
        return [row for row in rows[1:] if len(row) == len(rows[0])]

    def _check(self, asked: Mapping[str, Any]) -> None:
        """Raises BadInput if the table was made in another way."""
        settings = self.folder / SETTINGS
        found = json.loads(settings.read_text(encoding="utf-8")) if settings.is_file() else {}
        for name, value in asked.items():
            if found.get(name) != value:
                told = "another model" if name == "model" else f"{name} {found.get(name)}, not {value}"
                raise BadInput(f"{self._table}: was made with {told}; give a new folder to --to")
