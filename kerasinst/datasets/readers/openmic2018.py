"""OpenMIC-2018: ten-second clips of music, with the judgement of listeners on which of 20 instruments play.

20,000 clips from the Free Music Archive, stereo Ogg Vorbis; 20 labels: accordion, banjo, bass, cello, clarinet,
cymbals, drums, flute, guitar, mallet_percussion, mandolin, organ, piano, saxophone, synthesizer, trombone, trumpet,
ukulele, violin, voice. Each clip was judged for only one or a few of them; the others are unknown, not absent.
Get it:  https://zenodo.org/records/1432913
Layout:  audio/<first 3 of key>/<key>.ogg  partitions/split01_train.csv  partitions/split01_test.csv  (one key a line)
         openmic-2018-aggregated-labels.csv  (sample_key,instrument,relevance,num_responses), also in openmic-2018/
Groups:  the track, which is the number before `_` in the key.
"""

import re
from pathlib import Path
from typing import Literal

from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip, SplitName

CITATION = (
    "Humphrey, E. J., Durand, S., & McFee, B. (2018). OpenMIC-2018: An open dataset for multiple instrument "
    "recognition. ISMIR."
)
LICENSE = "CC BY 4.0 as a collection; each track has its own Creative Commons licence."

INSTRUMENTS = (
    "accordion",
    "banjo",
    "bass",
    "cello",
    "clarinet",
    "cymbals",
    "drums",
    "flute",
    "guitar",
    "mallet_percussion",
    "mandolin",
    "organ",
    "piano",
    "saxophone",
    "synthesizer",
    "trombone",
    "trumpet",
    "ukulele",
    "violin",
    "voice",
)
"""Labels."""
LABELS = "openmic-2018-aggregated-labels.csv"
"""Name of the table of labels."""
PARTS: tuple[SplitName, ...] = ("train", "test")
"""Partitions of the data set."""


def read(path: Path | None, *, subset: Literal["train", "test", "all"] = "all", relevance: float = 0.5) -> list[Clip]:
    """Reads the clips of one partition or both.

    An instrument of at least the given relevance is a label, a judged one with less relevance is absent, and one that
    nobody judged is in `unknown`. A clip in which no judged instrument is present has no labels. It is kept, since it
    says which instruments are absent.

    Args:
        path: folder that holds audio, partitions and the table of labels, or openmic-2018 with them.
        subset: "train", "test", or "all", which keeps the published split.
        relevance: smallest relevance of instruments that are present, from 0 (surely absent) to 1 (surely present).

    Raises:
        BadInput: if there is no such layout, subset or column, or a row makes no sense.
    """
    path = reader_utils.folder(path, "openmic2018")
    reader_utils.check_choice("subset", subset, allowed=["train", "test", "all"])
    if isinstance(relevance, bool) or not isinstance(relevance, int | float) or not 0 <= relevance <= 1:
        raise BadInput(f"dataset.relevance: expected a number from 0 to 1, but '{relevance}' was given")
    partitions = {part: f"partitions/split01_{part}.csv" for part in PARTS if subset in (part, "all")}
    root = reader_utils.nested(path, ["openmic-2018"], wanted=["audio", LABELS, *partitions.values()])
    judged = _judged(root / LABELS)
    clips: dict[str, Clip] = {}
    for part, table in partitions.items():
        for line, key in enumerate(reader_utils.read_lines(root / table), start=1):
            if not key:
                continue
            if key in clips:
                raise BadInput(f"{root / table}: line {line}: '{key[:100]}' stands there twice, or in both partitions")
            if key in judged:
                clips[key] = _clip(root, key, judged[key], relevance, part if subset == "all" else None)
            else:
                clips[key] = Clip(_name(key), root / _name(key), (), key, problem=f"has no row in {LABELS}")
    known = {root / _name(key) for key in {**judged, **clips}}
    stray = reader_utils.unlabelled(root, root / "audio", known=known, table=root / LABELS)
    if subset == "all":
        in_none = [key for key in judged if key not in clips and (root / _name(key)).exists()]
        stray += [Clip(_name(key), root / _name(key), (), key, problem="is in no partition") for key in in_none]
    return [*clips.values(), *stray]


def _name(key: str) -> str:
    """Gives the name of a clip."""
    return f"audio/{key[:3]}/{key}.ogg"


def _clip(root: Path, key: str, judged: dict[str, float], relevance: float, split: SplitName | None) -> Clip:
    """Makes a clip of what was judged."""
    name = _name(key)
    labels = tuple(instrument for instrument in INSTRUMENTS if judged.get(instrument, -1) >= relevance)
    unknown = tuple(instrument for instrument in INSTRUMENTS if instrument not in judged)
    return Clip(name, root / name, labels, key.partition("_")[0], split=split, unknown=unknown)


def _judged(table: Path) -> dict[str, dict[str, float]]:
    """Reads, for each clip, the relevance of each instrument that was judged."""
    rows = reader_utils.read_table(table, ["sample_key", "instrument", "relevance"])
    values = reader_utils.numbers(table, rows, column="relevance").tolist()
    judged: dict[str, dict[str, float]] = {}
    for line, (key, instrument, value) in enumerate(
        zip(rows.sample_key, rows.instrument, values, strict=True), start=2
    ):
        if not re.fullmatch(r"[0-9]+_[0-9]+", key):
            raise BadInput(f"{table}: line {line}: sample_key: expected one such as 000046_3840, found '{key[:100]}'")
        if instrument not in INSTRUMENTS:
            expected = ", ".join(INSTRUMENTS)
            raise BadInput(f"{table}: line {line}: instrument: expected {expected}, but '{instrument[:100]}' was given")
        if value > 1:
            raise BadInput(f"{table}: line {line}: relevance: expected a number from 0 to 1, but {value:g} was given")
        if judged.setdefault(key, {}).setdefault(instrument, value) != value:
            raise BadInput(f"{table}: line {line}: {key} has another relevance of {instrument} further up; keep one")
    return judged
