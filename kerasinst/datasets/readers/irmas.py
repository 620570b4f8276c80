"""IRMAS: excerpts of recorded music, labelled with their predominant instruments.

6,705 training clips of 3 seconds with one label, 2,874 test clips of 5 to 20 seconds with one or more; 44.1 kHz stereo.
11 labels: cel (cello), cla (clarinet), flu (flute), gac (acoustic guitar), gel (electric guitar), org (organ),
pia (piano), sax (saxophone), tru (trumpet), vio (violin), voi (human singing voice).
Get it:  https://zenodo.org/records/1290750
Layout:  IRMAS-TrainingData/<code>/[cel][cla]0001__1.wav  or  033__[sax][dru][cou_fol]1701__1.wav
         IRMAS-TestingData-Part1/Part1/X.wav + X.txt, one code a line; likewise Part2 and Part3
Groups:  the number before the last `__` of a training clip: several clips are cut from one song; a test clip's name
         without its number, as in `(02) dont kill the whale-15.wav`.
"""

import re
from pathlib import Path
from typing import Literal

from kerasinst import audio
from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip, SplitName

CITATION = (
    "Bosch, J. J., Janer, J., Fuhrmann, F., & Herrera, P. (2012). A comparison of sound segregation techniques for "
    "predominant instrument recognition in musical audio signals. ISMIR."
)
LICENSE = "CC BY-NC-SA 3.0"

CODES = ("cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi")
"""Labels, which are codes of instruments."""
GENRES = ("cla", "cou_fol", "jaz_blu", "lat_sou", "pop_roc")
"""Codes of genres in the names of training clips."""
TRAINING = "IRMAS-TrainingData"
"""Folder of the training clips."""
TESTING = "IRMAS-TestingData-Part"
"""Beginning of the names of folders of test clips."""


def read(path: Path | None, *, subset: Literal["train", "test", "all"] = "train") -> list[Clip]:
    """Reads the training clips, the test clips (of the parts that are there) or both.

    Args:
        path: folder that holds IRMAS-TrainingData and IRMAS-TestingData-Part1 to 3.
        subset: "train", "test", or "all", which keeps the published split.

    Returns:
        Clips; a test clip without labels, or with an unknown label, is a clip with a problem.

    Raises:
        BadInput: if there is no such layout or subset, or the folder of an instrument is unknown.
    """
    path = reader_utils.folder(path, "irmas")
    reader_utils.check_choice("subset", subset, allowed=["train", "test", "all"])
    keeps_split = subset == "all"
    clips = []
    if subset != "test":
        clips += _training(path, keeps_split)
    if subset != "train":
        clips += _testing(path, keeps_split)
    return clips


def _training(path: Path, keeps_split: bool) -> list[Clip]:
    """Reads the training clips."""
    split: SplitName | None = "train" if keeps_split else None
    root = path / TRAINING
    files = [file for file in audio.files(root) if file.parent != root]
    if not files:
        raise reader_utils.unlike(path, f"{TRAINING}/<code>/*.wav")
    clips = []
    for file in files:
        # the folder decides: [cla] in a name is clarinet or classical music
        code = file.relative_to(root).parts[0]
        if code not in CODES:
            raise BadInput(f"{root / code}: expected a folder named {', '.join(CODES)}; move it out of {TRAINING}")
        name = reader_utils.relative(file, path)
        clips.append(Clip(name, file, (code,), _song(file.stem, code), split=split, columns=_tags(file.stem, code)))
    return clips


def _song(stem: str, code: str) -> str:
    """Gives the song that a training clip is cut from, by its number."""
    match = re.fullmatch(r"(.*?)(\d*)__\d+", stem)
    if match is None:
        return stem
    return match[2] or f"{code}/{match[1]}"


def _tags(stem: str, code: str) -> dict[str, str]:
    """Gives genre and drums of a training clip, by the tags in its name."""
    tags = re.findall(r"\[(\w+)\]", stem)
    if code in tags:
        tags.remove(code)
    columns = {}
    for tag in tags:
        if tag in GENRES:
            columns["genre"] = tag
        elif tag in ("dru", "nod"):
            columns["drums"] = tag
    return columns


def _testing(path: Path, keeps_split: bool) -> list[Clip]:
    """Reads the test clips."""
    split: SplitName | None = "test" if keeps_split else None
    roots = [root for root in sorted(path.glob(f"{TESTING}*")) if root.is_dir()]
    recorded = {file for root in roots for file in audio.files(root)}
    described = {
        folder / name for root in roots for folder, names in audio.walk(root) for name in names if _describes(name)
    }
    with_audio = {file.with_suffix("") for file in recorded}
    # excerpts that are described but missing stay, so that they are reported as missing
    recorded |= {file.with_suffix(".wav") for file in described if file.with_suffix("") not in with_audio}
    if not recorded:
        raise reader_utils.unlike(path, f"{TESTING}1/Part1/ with X.wav and X.txt")
    clips = []
    for file in sorted(recorded):
        name, song = reader_utils.relative(file, path), re.sub(r"-\d+$", "", file.stem)
        labels: tuple[str, ...] = ()
        problem: str | None = None
        try:
            labels = _labels(file)
        except BadInput as error:
            problem = str(error)
        clips.append(Clip(name, file, labels, song, split=split, problem=problem))
    return clips


def _describes(name: str) -> bool:
    """Tells whether a file holds the labels of a test clip."""
    return name.endswith(".txt") and not name.lower().startswith("readme")


def _labels(file: Path) -> tuple[str, ...]:
    """Reads the labels of a test clip."""
    table = file.with_suffix(".txt")
    if not table.is_file():
        raise BadInput(f"its labels are missing; expected them in {table.name}")
    labels = []
    for number, code in enumerate(reader_utils.read_lines(table), start=1):
        if code and code not in CODES:
            raise BadInput(f"{table}: line {number}: expected {', '.join(CODES)}, but '{code[:100]}' was given")
        if code:
            labels.append(code)
    if not labels:
        raise BadInput(f"{table}: expected one code a line, but it holds none")
    return tuple(dict.fromkeys(labels))
