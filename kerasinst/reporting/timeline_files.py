"""Writes what sounds when in recordings: a picture and a table of each."""

from pathlib import Path

from kerasinst.core import files
from kerasinst.models.timeline import Timeline
from kerasinst.reporting.named_files import NamedFiles
from kerasinst.reporting.plots import saving
from kerasinst.reporting.plots.timeline import timeline as draw


class TimelineFiles(NamedFiles):
    """A folder with the timelines of recordings, each under the name of its recording.

    Args:
        folder: folder, which is made unless it is there.
        taken: names that are not given again.

    Raises:
        BadInput: if it cannot be made.

    Example:
        >>> TimelineFiles("timelines").write(tagger.listen("song.wav")[1], Path("song.wav"))
    """

    def write(self, timeline: Timeline, recording: Path) -> None:
        """Writes a table of start, end, label and score (CSV), and a picture (PNG and SVG).

        Args:
            timeline: what sounds when.
            recording: path of the recording, of which files take the name; a name that is taken gets a number.
        """
        name = self.name_for(recording)
        files.write_text(self.folder / f"{name}.csv", timeline.csv())
        saving.attempt(lambda: draw(timeline, title=recording.name), self.folder / name)
