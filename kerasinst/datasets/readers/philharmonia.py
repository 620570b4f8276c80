"""Philharmonia Orchestra sound samples: single notes and short phrases, as MP3.

20 labels: the woodwinds, brass and strings of an orchestra, saxophone, guitar, banjo, mandolin, and percussion, which
holds many instruments.
Get it:  https://philharmonia.co.uk/resources/sound-samples/ (unpack the archives of the instruments, too)
Layout:  <instrument>/<instrument>_<note>_<length>_<dynamic>_<technique>.mp3, such as
         saxophone/saxophone_As3_05_forte_normal.mp3 (A sharp 3), also in all-samples/, and without a note in
         percussion/triangle/triangle__long_piano_struck-singly.mp3; other formats and other names are read, too
Groups:  instrument and note, since the same note at another dynamic sounds nearly the same; for unpitched percussion,
         the instrument. Players and sessions are not named. As far as is known, one player recorded all samples of an
         instrument, so even the scores of a grouped split are optimistic.
"""

import re
from pathlib import Path

from kerasinst import audio
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip

CITATION = "Philharmonia Orchestra. Sound samples. https://philharmonia.co.uk/resources/sound-samples/"
LICENSE = "Philharmonia Orchestra's own: free for any use, but the samples may not be sold as samples."

NAME = re.compile(
    r"(?P<instrument>[^_]+)_(?P<note>[A-G]s?[0-9])?_(?P<length>[^_]+)_(?P<dynamic>[^_]+)_(?P<technique>.+)"
)
"""Pattern of the names of files, without suffix."""
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Number of semitones of each note above C."""
WRAPPERS = ("all-samples", "strings", "woodwind", "brass")
"""Folders of the downloads that are no instruments."""

overlooked = reader_utils.overlooked
"""Lists what the reader leaves out."""


def read(path: Path | None) -> list[Clip]:
    """Reads all samples; the label is the folder of the instrument.

    Note, MIDI number, length, dynamic and technique become columns, if the name of a file gives them.

    Args:
        path: folder that holds one folder per instrument, or all-samples with them.

    Raises:
        BadInput: if there is no such folder, or no folder of an instrument with audio in it.
    """
    path = reader_utils.folder(path, "philharmonia")
    clips = []
    for file in audio.files(path):
        folders = [part for part in file.relative_to(path).parts[:-1] if part.lower() not in WRAPPERS]
        if folders:
            clips.append(_clip(path, file, folders))
    if not clips:
        raise reader_utils.unlike(path, "<instrument>/<instrument>_<note>_<length>_<dynamic>_<technique>.mp3")
    return clips


def _clip(root: Path, file: Path, folders: list[str]) -> Clip:
    """Makes the clip of a file, with what its name says."""
    name, label = reader_utils.relative(file, root), folders[0]
    match = NAME.fullmatch(file.stem)
    if match is None:
        return Clip(name, file, (label,), "/".join(folders) if len(folders) > 1 else name)
    columns: dict[str, str | int] = {fact: match[fact] for fact in ("length", "dynamic", "technique")}
    if match["note"] is None:
        return Clip(name, file, (label,), match["instrument"], columns=columns)
    columns |= {"note": match["note"], "pitch": _pitch(match["note"])}
    return Clip(name, file, (label,), f"{match['instrument']}_{match['note']}", columns=columns)


def _pitch(note: str) -> int:
    """Gives the MIDI number of a note such as As3, which is A sharp 3; A4 is 69."""
    return 12 * (int(note[-1]) + 1) + SEMITONES[note[0]] + ("s" in note)
