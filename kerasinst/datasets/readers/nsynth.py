"""NSynth: single notes of 1,006 instruments, most of them from sample libraries.

305,979 notes of 4 seconds (289,205 to train, 12,678 to validate, 4,096 to test), 16 kHz mono, each with its pitch and
velocity. 11 labels: bass, brass, flute, guitar, keyboard, mallet, organ, reed, string, synth_lead (in the training set
only), vocal.
Get it:  https://magenta.tensorflow.org/datasets/nsynth (json/wav)
Layout:  nsynth-{train,valid,test}/examples.json  nsynth-{train,valid,test}/audio/<note>.wav
Groups:  the instrument, such as guitar_acoustic_010. In the published split, training shares no instrument with
         validation and test, but these two share theirs.
"""

import re
from pathlib import Path
from typing import Any, Literal

from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip, SplitName

CITATION = (
    "Engel, J., Resnick, C., Roberts, A., Dieleman, S., Norouzi, M., Eck, D., & Simonyan, K. (2017). Neural audio "
    "synthesis of musical notes with WaveNet autoencoders. ICML."
)
LICENSE = "CC BY 4.0"

FAMILIES = "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal"
"""Labels, which are families of instruments."""
SPLITS: dict[str, SplitName] = {"train": "train", "valid": "validation", "test": "test"}
"""Published split of each part."""
FACTS: dict[str, type] = {
    "instrument_family_str": str,
    "instrument_str": str,
    "instrument_source_str": str,
    "pitch": int,
    "velocity": int,
}
"""Keys that every note must have, with the types of their values."""


def read(path: Path | None, *, subset: Literal["train", "valid", "test", "all"] = "all") -> list[Clip]:
    """Reads the notes of one part, or of all parts that are there; the label is the family of the instrument.

    Args:
        path: folder that holds nsynth-train, nsynth-valid and nsynth-test, or some of them.
        subset: "train", "valid", "test", or "all", which keeps the published split.

    Raises:
        BadInput: if there is no such layout or subset, or a fact about a note is missing or makes no sense.
    """
    path = reader_utils.folder(path, "nsynth")
    reader_utils.check_choice("subset", subset, allowed=[*SPLITS, "all"])
    chosen = [part for part in SPLITS if subset in (part, "all") and (path / f"nsynth-{part}/examples.json").is_file()]
    if not chosen:
        wanted = "train" if subset == "all" else subset
        raise reader_utils.unlike(path, f"nsynth-{wanted}/ with examples.json and audio/")
    clips = [clip for part in chosen for clip in _part(path, part, SPLITS[part] if subset == "all" else None)]
    for part in SPLITS:
        folder = path / f"nsynth-{part}"
        if subset in (part, "all") and part not in chosen and folder.is_dir():
            clips += reader_utils.unlabelled(path, folder, known=set(), table=folder / "examples.json")
    return clips


def _part(path: Path, part: str, split: SplitName | None) -> list[Clip]:
    """Reads the notes of one part."""
    table = path / f"nsynth-{part}" / "examples.json"
    audio, clips = table.parent / "audio", []
    for note, facts in reader_utils.read_json(table).items():
        _check(table, note, facts)
        columns = {"source": facts["instrument_source_str"], "pitch": facts["pitch"], "velocity": facts["velocity"]}
        name, labels = f"nsynth-{part}/audio/{note}.wav", (facts["instrument_family_str"],)
        clips.append(Clip(name, audio / f"{note}.wav", labels, facts["instrument_str"], split=split, columns=columns))
    return clips + reader_utils.unlabelled(path, audio, known={clip.path for clip in clips}, table=table)


def _check(table: Path, note: str, facts: Any) -> None:
    """Refuses a note whose facts are missing or make no sense."""
    where = f"{table}: '{note[:100]}'"
    if not re.fullmatch(r"[\w-]+", note):
        raise BadInput(f"{where}: expected the name of a note, such as guitar_acoustic_010-060-075")
    if not isinstance(facts, dict):
        raise BadInput(f"{where}: expected an object in {{}}, found {type(facts).__name__}")
    for fact, kind in FACTS.items():
        if type(facts.get(fact)) is not kind:
            expected = "a text" if kind is str else "a whole number"
            raise BadInput(f"{where}: {fact}: expected {expected}, found {str(facts.get(fact, 'nothing'))[:100]!r}")
    if facts["instrument_family_str"] not in FAMILIES:
        found = facts["instrument_family_str"][:100]
        raise BadInput(f"{where}: instrument_family_str: expected {', '.join(FAMILIES)}, found '{found}'")
    if not facts["instrument_str"]:
        raise BadInput(f"{where}: instrument_str is empty")
    for fact in ("pitch", "velocity"):
        if not 0 <= facts[fact] <= 127:
            raise BadInput(f"{where}: {fact}: expected a MIDI number from 0 to 127, found {facts[fact]}")
