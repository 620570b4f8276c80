"""MusicNet: recordings of classical chamber music, with every note labelled.

330 recordings (320 to train, 10 to test), 34 hours, 44.1 kHz mono, more than a million notes. 11 labels: piano,
harpsichord, violin, viola, cello, bass, horn, oboe, bassoon, clarinet, flute; a recording has the labels of all
instruments that play in it.
Get it:  https://zenodo.org/records/5120004
Layout:  {train,test}_data/<id>.wav  {train,test}_labels/<id>.csv  also in musicnet/ or musicnet/musicnet/
         (start_time,end_time,instrument,note,start_beat,end_beat,note_value; times in samples at 44.1 kHz)
         musicnet_metadata.csv, if wanted, beside these folders or up to two levels above
Groups:  composer and composition, since movements of a work were recorded together; the id if there is no metadata.
"""

from pathlib import Path
from typing import Literal

import numpy as np

from kerasinst import audio
from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils
from kerasinst.datasets.annotations import Note
from kerasinst.datasets.clip import Clip, SplitName

CITATION = (
    "Thickstun, J., Harchaoui, Z., & Kakade, S. M. (2017). Learning features of music from scratch. "
    "International Conference on Learning Representations (ICLR)."
)
LICENSE = "CC BY 4.0 as a collection; the recordings are in the public domain or under Creative Commons licences."

INSTRUMENTS = {
    1: "piano",
    7: "harpsichord",
    41: "violin",
    42: "viola",
    43: "cello",
    44: "bass",
    61: "horn",
    69: "oboe",
    71: "bassoon",
    72: "clarinet",
    74: "flute",
}
"""Labels by MusicNet's codes, which are General MIDI programs counted from 1."""
SAMPLE_RATE = 44_100
"""Sample rate in Hz of the times in the tables of labels, whatever the rate of the audio file is."""

FACTS = ("composer", "composition", "movement", "ensemble")
"""Columns of the metadata that become columns of clips."""
PARTS: tuple[SplitName, ...] = ("train", "test")
"""Parts of the data set."""


def read(path: Path | None, *, subset: Literal["train", "test", "all"] = "all") -> list[Clip]:
    """Reads recordings with all their notes.

    Args:
        path: folder that holds train_data and train_labels, test_data and test_labels, or a folder above it.
        subset: "train", "test", or "all", which keeps the published split.

    Returns:
        Clips; a recording without labels, or with a senseless row of them, is a clip with a problem.

    Raises:
        BadInput: if there is no such layout or subset.
    """
    path = reader_utils.folder(path, "musicnet")
    reader_utils.check_choice("subset", subset, allowed=["train", "test", "all"])
    parts = [part for part in PARTS if subset in (part, "all")]
    wanted = [f"{part}_{kind}" for part in parts for kind in ("data", "labels")]
    root = reader_utils.nested(path, ["musicnet", "musicnet/musicnet"], wanted=wanted)
    facts = _facts(root)
    return [clip for part in parts for clip in _part(root, part, subset == "all", facts)]


def _part(root: Path, part: SplitName, keeps_split: bool, facts: dict[str, dict[str, str]]) -> list[Clip]:
    """Reads the recordings of one part."""
    data, labels = root / f"{part}_data", root / f"{part}_labels"
    recordings = {file.stem: file for file in audio.files(data)}
    tables = {file.stem for file in labels.glob("[!.]*.csv")}
    clips = []
    for number in sorted(tables | set(recordings)):
        file, table = recordings.get(number, data / f"{number}.wav"), labels / f"{number}.csv"
        notes: tuple[Note, ...] = ()
        problem: str | None = f"its labels are missing; expected them in {table.relative_to(root)}"
        if number in tables:
            try:
                notes, problem = _notes(table), None
            except BadInput as error:
                problem = str(error)
        columns = facts.get(number, {})
        group = f"{columns['composer']}: {columns['composition']}" if columns.get("composition") else number
        playing = tuple(sorted({note.label for note in notes if note.end > note.start}))
        name = reader_utils.relative(file, root)
        split = part if keeps_split else None
        clips.append(Clip(name, file, playing, group, notes=notes, split=split, columns=columns, problem=problem))
    return clips


def _notes(table: Path) -> tuple[Note, ...]:
    """Reads the notes of a recording."""
    rows = reader_utils.read_table(table, ["start_time", "end_time", "instrument", "note"])
    if rows.empty:
        raise BadInput(f"{table}: expected one note a line, but it holds none")
    starts, ends, codes, pitches = (
        reader_utils.numbers(table, rows, column=column, whole=True)
        for column in ("start_time", "end_time", "instrument", "note")
    )
    wrong = (ends < starts) | ~np.isin(codes, list(INSTRUMENTS)) | (pitches > 127)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadInput(f"{table}: line {row + 2}: {_problem(starts[row], ends[row], codes[row], pitches[row])}")
    labels = [INSTRUMENTS[code] for code in codes.tolist()]
    seconds = (starts / SAMPLE_RATE).tolist(), (ends / SAMPLE_RATE).tolist()
    return tuple(map(Note, *seconds, labels, pitches.astype(int).tolist()))


def _problem(start: float, end: float, code: float, pitch: float) -> str:
    """Says what is wrong with a note."""
    if end < start:
        return f"ends at sample {end:.0f}, before it starts at {start:.0f}"
    if code not in INSTRUMENTS:
        known = ", ".join(f"{code} ({name})" for code, name in INSTRUMENTS.items())
        return f"instrument: expected {known}, but '{code:.0f}' was given"
    return f"note: expected a MIDI number from 0 to 127, but '{pitch:.0f}' was given"


def _facts(root: Path) -> dict[str, dict[str, str]]:
    """Reads composer, composition, movement and ensemble of each recording, if there is metadata."""
    for folder in (root, root.parent, root.parent.parent):
        table = folder / "musicnet_metadata.csv"
        if table.is_file():
            rows = reader_utils.read_table(table, ["id", *FACTS])
            return {row["id"].strip(): {fact: row[fact] for fact in FACTS} for row in rows.to_dict("records")}
    return {}
