"""What sounds when in a recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kerasinst.core import files


class Event(NamedTuple):
    """A time for which a label sounds without a break.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        label: the label.
        score: its mean score.
    """

    start: float
    end: float
    label: str
    score: float


class Skipped(NamedTuple):
    """A span of a recording that is not scored.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        reason: "silent", "quiet" (far below the peak of the recording), or "between" (segments are further apart than
            they are long).
    """

    start: float
    end: float
    reason: str


@dataclass(frozen=True)
class Timeline:
    """The scores of a recording's frames or segments, and which labels the model's decision reports.

    Attributes:
        labels: labels in the order of columns.
        starts: beginning of each frame in seconds, `(frames,)`.
        ends: end of each frame in seconds, `(frames,)`.
        scores: scores of shape `(frames, labels)`.
        sounding: which labels are reported of each frame, booleans of shape `(frames, labels)`.
        skipped: spans that are not scored, in the order of time.
    """

    labels: list[str]
    starts: np.ndarray
    ends: np.ndarray
    scores: np.ndarray
    sounding: np.ndarray
    skipped: Sequence[Skipped] = ()

    def events(self) -> Iterator[Event]:
        """Yields for how long each label is reported without a break, in the order of time.

        Example:
            >>> _, timeline = tagger.listen("song.wav")
            >>> next(timeline.events())
            Event(start=0.0, end=2.4, label='cello', score=0.93)
        """
        found = [event for column in range(len(self.labels)) for event in self._of_label(column)]
        yield from sorted(found)

    def csv(self) -> str:
        """Writes start, end, label and score of each event as CSV."""
        return files.csv_text([Event._fields, *self.events()])

    def _of_label(self, column: int) -> Iterator[Event]:
        """Yields the events of a label; frames that touch or overlap belong together."""
        rows = np.flatnonzero(self.sounding[:, column])
        breaks = np.flatnonzero(self.starts[rows[1:]] > self.ends[rows[:-1]] + 1e-6) + 1
        for part in np.split(rows, breaks) if len(rows) else ():
            start, end = float(self.starts[part[0]]), float(self.ends[part[-1]])
            score = float(self.scores[part, column].mean())
            yield Event(round(start, 3), round(end, 3), self.labels[column], round(score, 4))
