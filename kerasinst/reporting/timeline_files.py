"""Writes what sounds when in recordings: a picture and a table of each."""

import csv
import io
from itertools import chain, count
from pathlib import Path

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.models.timeline import Timeline
from kerasinst.reporting.plots import saving
from kerasinst.reporting.plots.timeline import timeline as draw


class TimelineFiles:
    """A folder with the timelines of recordings, each under the name of its recording.

    Args:
        folder: folder, which is made unless it is there.

    Raises:
        BadInput: if it cannot be made.

    Example:
        >>> TimelineFiles("timelines").write(tagger.listen("song.wav")[1], Path("song.wav"))
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._taken: set[str] = set()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be made a folder ({error.strerror}); name another one") from None

    def write(self, timeline: Timeline, recording: Path) -> None:
        """Writes a table of start, end, label and score (CSV), and a picture (PNG and SVG).

        Args:
            timeline: what sounds when.
            recording: path of the recording, of which files take the name; a name that is taken gets a number.
        """
        stem = files.slug(recording.stem)
        names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        name = next(each for each in names if each.casefold() not in self._taken)
        self._taken.add(name.casefold())
        text = io.StringIO(newline="")
        csv.writer(text).writerows([("start", "end", "label", "score"), *timeline.events()])
        files.write_text(self.folder / f"{name}.csv", text.getvalue())
        saving.attempt(lambda: draw(timeline, title=recording.name), self.folder / name)
