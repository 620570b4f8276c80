"""Writes what a model says of recordings: a table of all, and files of each in formats of other programs."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from kerasinst.core import files
from kerasinst.core.errors import BadInput, one_line, suggest
from kerasinst.models.tagger import Tag
from kerasinst.models.timeline import Timeline
from kerasinst.reporting.named_files import NamedFiles

TABLE = "tags.csv"
"""Name of the table of all recordings."""


def _json(tag: Tag, timeline: Timeline, *, sample_rate: int) -> str:
    """Writes everything."""
    return json.dumps(asdict(tag), ensure_ascii=False, indent=1) + "\n"


def _csv(tag: Tag, timeline: Timeline, *, sample_rate: int) -> str:
    """Writes start, end, label and score of what sounds."""
    return _rows([("start", "end", "label", "score"), *timeline.events()])


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
        labels: labels of the model.
        sample_rate: sample rate of the model in Hz.
        resume: whether a folder that holds a table already is gone on with.

    Attributes:
        done: files that stand in the table.

    Raises:
        BadInput: if the folder cannot be made, holds a table that is not gone on with or is of other labels, or there
            is no such format.

    Example:
        >>> files = TagFiles("tags", ["json"], labels=tagger.labels, sample_rate=tagger.sample_rate)
        >>> files.write(*tagger.listen("song.wav"), recording=Path("song.wav"))
    """

    def __init__(
        self,
        folder: str | Path,
        formats: Sequence[str],
        *,
        labels: Sequence[str],
        sample_rate: int,
        resume: bool = False,
    ) -> None:
        for name in formats:
            if name not in FORMATS:
                raise BadInput(f"--format {name}: there is no such format; {suggest(name, FORMATS)}")
        super().__init__(folder)
        self._formats, self._labels, self._rate = list(dict.fromkeys(formats)), list(labels), sample_rate
        self._table = self.folder / TABLE
        header = ["file", "name", "labels", "needs_review", *labels]
        rows = self._read(header) if self._table.exists() else []
        if self._table.exists() and not resume:
            raise BadInput(f"{self._table}: holds the tags of {len(rows)} files; add --resume to go on, or change --to")
        self.done = {row[0] for row in rows}
        self._taken |= {row[1].casefold() for row in rows}
        files.write_text(self._table, _rows([header, *rows]))  # without what a kill has left half written

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
            table.write(_rows([[tag.file, name, "|".join(tag.labels), tag.needs_review, *scores]]))

    def _read(self, header: list[str]) -> list[list[str]]:
        """Reads the whole rows of the table."""
        text = self._table.read_text(encoding="utf-8", errors="replace")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if not text.endswith("\n"):
            rows = rows[:-1]
        if rows[:1] != [header]:
            raise BadInput(f"{self._table}: is of another model, which has other labels; change --to")
        return [row for row in rows[1:] if len(row) == len(header)]


def _rows(rows: Sequence[Sequence[object]]) -> str:
    """Formats rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
