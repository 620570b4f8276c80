"""FSDKaggle2018: Freesound recordings of single sounds, 41 labels of which about 20 are musical instruments.

9,473 training and 1,600 test clips, 44.1 kHz mono, 0.3 to 30 seconds; some training labels were verified by hand.
Get it:  https://zenodo.org/records/2552860, or the Kaggle competition "freesound-audio-tagging".
Layout:  FSDKaggle2018.audio_train/*.wav  FSDKaggle2018.audio_test/*.wav
         FSDKaggle2018.meta/train_post_competition.csv  (fname,label,manually_verified,freesound_id,license)
         FSDKaggle2018.meta/test_post_competition_scoring_clips.csv  (fname,label,usage,freesound_id,license)
         or the Kaggle copy: audio_train/*.wav + train.csv  audio_test/*.wav + test_post_competition.csv
Groups:  the Freesound recording, where its number is given, else the file.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip, SplitName

CITATION = (
    "Fonseca, E., Plakal, M., Font, F., Ellis, D. P. W., Favory, X., Pons, J., & Serra, X. (2018). General-purpose "
    "tagging of Freesound audio with AudioSet labels: Task description, dataset, and baseline. DCASE Workshop."
)
LICENSE = "CC BY 4.0 as a collection; each clip has its own Creative Commons licence."

LAYOUTS: dict[SplitName, tuple[tuple[str, str], ...]] = {
    "train": (
        ("FSDKaggle2018.audio_train", "FSDKaggle2018.meta/train_post_competition.csv"),
        ("audio_train", "train_post_competition.csv"),
        ("audio_train", "train.csv"),
    ),
    "test": (
        ("FSDKaggle2018.audio_test", "FSDKaggle2018.meta/test_post_competition_scoring_clips.csv"),
        ("audio_test", "test_post_competition_scoring_clips.csv"),
        ("audio_test", "test_post_competition.csv"),
    ),
}
"""Folders of audio and their tables, as they may be named in each part."""


def read(
    path: Path | None, *, subset: Literal["train", "test", "all"] = "train", verified_only: bool = False
) -> list[Clip]:
    """Reads the training clips, the test clips or both, in the Zenodo or the Kaggle layout.

    Args:
        path: folder that holds the audio folder and its table.
        subset: "train", "test", or "all", which keeps the published split.
        verified_only: leave out training clips whose label nobody verified by hand. (All test clips were verified.)

    Raises:
        BadInput: if there is no such layout, subset or column.
    """
    path = reader_utils.folder(path, "fsdkaggle2018")
    reader_utils.check_choice("subset", subset, allowed=[*LAYOUTS, "all"])
    chosen: list[SplitName] = [part for part in LAYOUTS if subset in (part, "all")]
    return [clip for part in chosen for clip in _part(path, part, subset == "all", verified_only)]


def _part(path: Path, part: SplitName, keeps_split: bool, verified_only: bool) -> list[Clip]:
    """Reads the clips of one part."""
    audio, table = _layout(path, part)
    verified_only = verified_only and part == "train"
    rows = reader_utils.read_table(table, ["fname", "label", *(["manually_verified"] if verified_only else [])])
    named = {reader_utils.inside(audio, _file_name(fname), source=table) for fname in rows.fname if fname}
    rows = rows[(rows.fname != "") & (rows.label != "")]
    if part == "test":
        rows = rows[rows.label != "None"]  # padding that was never scored
    if verified_only:
        rows = rows[rows.manually_verified == "1"]
    clips = []
    for row in rows.to_dict("records"):
        file, number = _file_name(row["fname"]), row.get("freesound_id", "").strip()
        serial = int(number) if number.isascii() and number.isdigit() else None
        split = part if keeps_split else None
        inside = reader_utils.inside(audio, file, source=table)  # ".." is a name, too
        clips.append(Clip(file, inside, (row["label"],), number or file, split=split, serial=serial))
    return clips + reader_utils.unlabelled(audio, audio, known=named, table=table)


def _file_name(fname: str) -> str:
    """Gives the name of a file without the folders that a table names."""
    return PurePosixPath(fname.replace("\\", "/")).name


def _layout(path: Path, part: SplitName) -> tuple[Path, Path]:
    """Finds the folder of audio and the table of a part."""
    for audio, table in LAYOUTS[part]:
        if (path / audio).is_dir() and (path / table).is_file():
            return path / audio, path / table
    raise reader_utils.unlike(path, " or ".join(f"{audio}/ with {table}" for audio, table in LAYOUTS[part]))
