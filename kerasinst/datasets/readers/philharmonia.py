"""Philharmonia Orchestra sound samples: single notes and short phrases, as MP3.

20 labels: the woodwinds, brass and strings of an orchestra, saxophone, guitar, banjo, mandolin, and percussion, which
holds many instruments.
Get it:  https://philharmonia.co.uk/resources/sound-samples/ (unpack the archives of the instruments, too)
Layout:  <instrument>/<instrument>_<note>_<length>_<dynamic>_<technique>.mp3, such as
         saxophone/saxophone_As3_05_forte_normal.mp3 (A sharp 3), also in all-samples/, and without a note in
         percussion/triangle/triangle__long_piano_struck-singly.mp3; other formats and other names are read, too
Groups:  instrument and note, since the same note at another dynamic sounds nearly the same; unpitched percussion by
         instrument. Players and sessions are not named; as far as is known, one player an instrument recorded all of
         it, so even scores of a grouped split are optimistic.
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
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
WRAPPERS = ("all-samples", "strings", "woodwind", "brass")
"""Folders of the downloads that are no instrument."""

overlooked = reader_utils.overlooked
"""What it leaves out of a folder, to be reported."""


def read(path: Path | None) -> list[Clip]:
    """Reads all samples; the label is the folder of the instrument.

    Note, MIDI number, length, dynamic and technique become columns, where a file's name gives them.

    Args:
        path: the folder that holds one folder an instrument, or all-samples with them.

    Raises:
        BadInput: if there is no such folder, or no instrument's folder with audio in it.
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
    """MIDI number of a note such as As3, which is A sharp 3; A4 is 69."""
    return 12 * (int(note[-1]) + 1) + SEMITONES[note[0]] + ("s" in note)
