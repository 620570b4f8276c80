"""Writes the notes of recordings as MIDI files, with a track for each instrument."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.models.transcription import HeardNote
from kerasinst.reporting.named_files import NamedFiles

UNKNOWN = "unknown"
"""Name of the track with notes whose instrument nobody knows."""
PROGRAMS = {
    "bass": 43, "double bass": 43, "horn": 60, "saxophone": 65, "harp": 46, "guitar": 24, "organ": 19, "voice": 53,
    "cel": 42, "cla": 71, "flu": 73, "gac": 24, "gel": 27, "org": 19, "pia": 0, "sax": 65, "tru": 56, "vio": 40,
    "voi": 53,
}  # fmt: skip
"""General MIDI programs, counted from 0, of labels that are no names of General MIDI, IRMAS's codes among them."""


class MidiFiles(NamedFiles):
    """A folder with a MIDI file for each recording.

    Args:
        folder: folder, which is made unless it is there.
        taken: names that are not given again.

    Raises:
        BadInput: if it cannot be made, or pretty_midi is not installed.

    Example:
        >>> MidiFiles("midi").write(notes, Path("song.wav"))
        PosixPath('midi/song.mid')
    """

    def __init__(self, folder: str | Path, taken: Iterable[str] = ()) -> None:
        try:
            import pretty_midi
        except ImportError:
            raise BadInput('--midi: pip install "kerasinst[train]" first, which brings pretty_midi') from None
        super().__init__(folder, taken)
        self._library = pretty_midi

    def write(self, notes: Sequence[HeardNote], recording: Path) -> Path:
        """Writes the notes of a recording; their velocity is their score.

        Args:
            notes: notes with or without instruments.
            recording: path of the recording, of which the file takes the name; a name that is taken gets a number.

        Returns:
            Path of the file.
        """
        score = self._library.PrettyMIDI()
        for label in sorted({note.instrument or UNKNOWN for note in notes}):
            name = label.encode("latin-1", "replace").decode("latin-1")  # which is what MIDI files can hold
            track = self._library.Instrument(self._program(label), name=name)
            track.notes = [
                self._library.Note(round(1 + 126 * min(1.0, note.score)), note.pitch, note.start, note.end)
                for note in notes
                if (note.instrument or UNKNOWN) == label
            ]
            score.instruments.append(track)
        target = self.folder / f"{self.name_for(recording)}.mid"
        with files.replacing(target) as temporary:
            score.write(str(temporary))
        return target

    def _program(self, label: str) -> int:
        """Finds the General MIDI program of a label; that of the piano if there is none of its name."""
        words = " ".join(label.replace("_", " ").split()).casefold()
        names = [name.casefold() for name in self._library.constants.INSTRUMENT_MAP]
        near = [program for program, name in enumerate(names) if re.search(rf"\b{re.escape(words)}\b", name)]
        return PROGRAMS.get(words, near[0] if near else 0)
