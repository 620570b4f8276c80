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

import pandas as pd

from kerasinst.datasets.clip import Clip
from kerasinst.errors import BadInput

CITATION = (
    "Fonseca, E., Plakal, M., Font, F., Ellis, D. P. W., Favory, X., Pons, J., & Serra, X. (2018). General-purpose "
    "tagging of Freesound audio with AudioSet labels: Task description, dataset, and baseline. DCASE Workshop."
)
LICENSE = "CC BY 4.0 as a collection; each clip has its own Creative Commons licence."

LAYOUTS = {
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


def read(path: Path | None, subset: Literal["train", "test"] = "train", verified_only: bool = False) -> list[Clip]:
    """Reads the training or the test clips, in the Zenodo or the Kaggle layout.

    Args:
        path: the folder that holds the audio folder and its table.
        subset: "train" or "test".
        verified_only: leave out clips whose label nobody verified by hand.

    Raises:
        BadInput: if the layout, the subset or a column is not there.
    """
    if path is None:
        raise BadInput("dataset.path: reader 'fsdkaggle2018' needs the folder of the download; give it with --data DIR")
    if subset not in LAYOUTS:
        raise BadInput(f"dataset.subset: expected train or test, but '{subset}' was given")
    audio, table = _layout(path, subset)
    try:
        rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise BadInput(f"{table}: not a CSV table: {error}") from None
    needed = ["fname", "label", *(["manually_verified"] if verified_only else [])]
    for column in needed:
        if column not in rows:
            raise BadInput(f"{table}: there is no column '{column}'; found {', '.join(rows.columns)}")
    rows = rows[(rows.fname != "") & (rows.label != "")]
    if verified_only:
        rows = rows[rows.manually_verified == "1"]
    recordings = rows.freesound_id.where(rows.freesound_id != "", rows.fname) if "freesound_id" in rows else rows.fname
    return [_clip(audio, *row) for row in zip(rows.fname, rows.label, recordings, strict=True)]


def _layout(path: Path, subset: str) -> tuple[Path, Path]:
    for audio, table in LAYOUTS[subset]:
        if (path / audio).is_dir() and (path / table).is_file():
            return path / audio, path / table
    found = ", ".join(sorted(item.name for item in path.iterdir())[:6]) if path.is_dir() else "no such folder"
    expected = " or ".join(f"{audio}/ with {table}" for audio, table in LAYOUTS[subset])
    raise BadInput(f"{path}: expected {expected}; found: {found or 'nothing'}. Point --data at the folder above them")


def _clip(audio: Path, fname: str, label: str, recording: str) -> Clip:
    file = PurePosixPath(fname).name
    return Clip(name=file, path=audio / file, labels=(label,), group=recording)
