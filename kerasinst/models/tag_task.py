"""Tags files in any process, each of which loads the model once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from kerasinst.core.errors import AudioError
from kerasinst.models.tagger import Tag, Tagger
from kerasinst.models.timeline import Timeline

if TYPE_CHECKING:
    from kerasinst.models.transcription import HeardNote, Transcriber


class Heard(NamedTuple):
    """What was heard in a file.

    Attributes:
        tag: its labels.
        timeline: what sounds when.
        notes: its notes, or None if they were not asked for.
    """

    tag: Tag
    timeline: Timeline
    notes: "list[HeardNote] | None"


@dataclass(frozen=True)
class TagTask:
    """Tags one file after the other.

    Attributes:
        model: path of the model, or None for the one that comes with kerasinst.
        options: options of `Tagger`.
        with_notes: whether notes are heard, too.
        notes: path of the model that hears notes, or None for the one that comes with kerasinst.
        transpose: number of semitones by which notes are shifted.
        key: is the same for copies in other processes, so that each of them loads the models once.

    Example:
        >>> TagTask(None)((Path("song.wav"), "song.wav")).tag.labels
        ['cello', 'piano']
    """

    model: str | Path | None
    options: Mapping[str, Any] = field(default_factory=dict)
    with_notes: bool = False
    notes: str | Path | None = None
    transpose: int = 0
    key: str = field(default_factory=lambda: uuid4().hex)

    def __call__(self, named: tuple[Path, str]) -> Heard | AudioError:
        """Tags a file.

        Args:
            named: path of the file, and its name in tags and remarks.

        Returns:
            What was heard, or the error if nothing can be.

        Raises:
            BadInput: if a model cannot be loaded.
        """
        file, name = named
        try:
            tag, timeline = self.tagger.listen(file, name=name)
            if self.transcriber is None:
                return Heard(tag, timeline, None)
            return Heard(tag, timeline, self.transcriber(file, instruments=timeline, transpose=self.transpose))
        except AudioError as error:
            return AudioError(str(error).replace(str(file), name))

    @property
    def tagger(self) -> Tagger:
        """The model that names instruments."""
        return _tagger(self.key, self.model, options=tuple(self.options.items()))

    @property
    def transcriber(self) -> "Transcriber | None":
        """The model that hears notes, if it is asked for."""
        return _transcriber(self.key, self.notes) if self.with_notes else None


@lru_cache(maxsize=1)
def _tagger(key: str, model: str | Path | None, *, options: tuple[tuple[str, Any], ...]) -> Tagger:
    """Loads a model, once for each key."""
    return Tagger(model, **dict(options))


@lru_cache(maxsize=1)
def _transcriber(key: str, model: str | Path | None) -> "Transcriber":
    """Loads a model that hears notes, once for each key."""
    from kerasinst.models.transcription import Transcriber  # which imports what reads data sets

    return Transcriber(model)
