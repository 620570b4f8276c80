"""AudioSet: ten-second segments of YouTube videos, 527 labels of which about 80 are musical instruments.

22,160 segments in the balanced training set, 20,371 in the evaluation set, two million in the unbalanced training set.
Google publishes only the labels. Users fetch the audio themselves and never get all of it, so segments without a file
are left out, and two copies of AudioSet are not the same data set.
Get it:  https://research.google.com/audioset/download.html for the tables
Layout:  balanced_train_segments.csv, unbalanced_train_segments.csv, eval_segments.csv, as far as they are wanted
         (three lines that begin with #, then YTID, start_seconds, end_seconds, "mid,mid"), class_labels_indices.csv
         (index,mid,display_name) and audio of the segments, already cut, as Y<ytid>.wav, <ytid>.wav or
         <ytid>_<start>.wav (start as 30, 30.000 or, in milliseconds, 30000), of any audio format; all in folders of
         any depth
Groups:  the video.
"""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from kerasinst import audio
from kerasinst.core.errors import BadInput, suggest
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip, SplitName

CITATION = (
    "Gemmeke, J. F., Ellis, D. P. W., Freedman, D., Jansen, A., Lawrence, W., Moore, R. C., Plakal, M., & Ritter, M. "
    "(2017). Audio Set: An ontology and human-labeled dataset for audio events. ICASSP."
)
LICENSE = "CC BY 4.0 (labels), CC BY-SA 4.0 (ontology); the audio belongs to the makers of the videos."

SUBSETS = ("balanced_train", "unbalanced_train", "eval")
"""Names of the tables, without `TABLE`."""
TABLE = "_segments.csv"
"""End of the names of the tables of segments."""
CLASSES = "class_labels_indices.csv"
"""Name of the table of classes."""


def read(
    path: Path | None,
    *,
    subset: Literal["balanced_train", "unbalanced_train", "eval", "all"] = "all",
    classes: list[str] | None = None,
    exactly_one: bool = False,
    other: str | None = None,
) -> list[Clip]:
    """Reads the segments whose audio is there.

    Labels are display names, such as "Piano". A class does not include those below it in the ontology: a "Snare drum"
    is a "Drum" only if the segment has both labels.

    Args:
        path: folder that holds the tables and the audio, in any sub-folders.
        subset: one of the tables, or "all", which keeps the published split: eval is test, the others are train.
        classes: labels to keep, by display name or machine identifier ("/m/05r5c"); None keeps all.
        exactly_one: leave out segments with several of the classes.
        other: label of segments with none of the classes; None leaves them out.

    Raises:
        BadInput: if a table is missing or has a senseless row, a class is unknown, or no audio is found.

    Example:
        >>> clips = read(path, classes=["Piano", "Drum", "Flute"], exactly_one=True, other="other")
    """
    path = reader_utils.folder(path, "audioset")
    reader_utils.check_choice("subset", subset, allowed=[*SUBSETS, "all"])
    tables, names_table, recordings = _index(path)
    chosen = {name: file for name, file in sorted(tables.items()) if subset in ("all", name)}
    if names_table is None or not chosen:
        raise reader_utils.unlike(path, f"{CLASSES} and {'*' if subset == 'all' else subset}{TABLE}")
    if not recordings:
        raise reader_utils.unlike(path, "audio of the segments, such as Y<ytid>.wav or <ytid>_<start>.wav")
    names = _names(names_table)
    wanted = None if classes is None else _wanted(classes, other, names)
    clips: dict[str, Clip] = {}
    n_heard = 0
    for name, table in chosen.items():
        for line, video, file, mids in _segments(table, recordings):
            n_heard += 1
            labels = _labels([names.get(mid, mid) for mid in mids], wanted, exactly_one, other)
            if labels is None:
                continue
            clip_name = file.relative_to(path).as_posix()
            if clip_name in clips:
                raise BadInput(f"{table}: line {line}: {clip_name} has labels already; keep one row for each recording")
            clips[clip_name] = Clip(clip_name, file, labels, video, split=_split(name) if subset == "all" else None)
    if not clips:
        tables_read = ", ".join(file.name for file in chosen.values())
        raise BadInput(
            f"{path}: {n_heard} of {len(recordings)} recordings are segments of {tables_read}, and none has the wanted "
            "labels; check dataset.classes and the names of the files"
        )
    return list(clips.values())


def _index(path: Path) -> tuple[dict[str, Path], Path | None, dict[str, str]]:
    """Finds the tables by their subset, the table of classes, and audio files by their names without suffix."""
    tables: dict[str, Path] = {}
    names_table: Path | None = None
    recordings: dict[str, str] = {}
    for root, names in audio.walk(path):
        for name in names:
            if audio.is_audio(name):
                recordings.setdefault(os.path.splitext(name)[0], os.path.join(root, name))
            elif name.endswith(TABLE):
                tables.setdefault(name.removesuffix(TABLE), Path(root, name))
            elif name == CLASSES and names_table is None:
                names_table = Path(root, name)
    return tables, names_table, recordings


def _names(table: Path) -> dict[str, str]:
    """Reads the display name of each machine identifier."""
    rows = reader_utils.read_table(table, ["mid", "display_name"])
    for line, row in enumerate(rows.to_dict("records"), start=2):
        if not row["mid"] or not row["display_name"]:
            raise BadInput(f"{table}: line {line}: expected a mid and a display_name")
    return dict(zip(rows.mid, rows.display_name, strict=True))


def _wanted(classes: list[str], other: str | None, names: dict[str, str]) -> set[str]:
    """Gives the display names of the wanted classes, and refuses unknown ones."""
    if isinstance(classes, str) or not classes:
        raise BadInput(
            f"dataset.classes: expected a list of classes, such as [Piano, Flute], but {classes!r} was given"
        )
    known, wanted = set(names.values()), set()
    for given in classes:
        name = names.get(given, given)
        if name not in known:
            nearest = get_close_matches(str(given), known, n=5) or known
            raise BadInput(f"dataset.classes: AudioSet has no class '{given}'; {suggest(given, nearest)}")
        wanted.add(name)
    if other in wanted:
        raise BadInput(f"dataset.other: '{other}' is one of the classes; give another name")
    return wanted


def _segments(table: Path, recordings: dict[str, str]) -> Iterator[tuple[int, str, Path, list[str]]]:
    """Yields line, video, file and machine identifiers of each segment that has a file."""
    columns = ["YTID", "start_seconds", "end_seconds", "positive_labels"]
    rows = reader_utils.read_table(table, header=None, names=columns, comment="#", skipinitialspace=True)
    starts = reader_utils.numbers(table, rows, column="start_seconds", first_line=4)
    ends = reader_utils.numbers(table, rows, column="end_seconds", first_line=4)
    cells = zip(rows.YTID, starts.tolist(), ends.tolist(), rows.positive_labels, strict=True)
    for line, (video, start, end, text) in enumerate(cells, start=4):
        mids = [mid.strip() for mid in text.split(",") if mid.strip()]
        if not video or not mids:
            raise BadInput(f"{table}: line {line}: expected YTID, start_seconds, end_seconds, positive_labels")
        if end <= start:
            raise BadInput(f"{table}: line {line}: ends at {end:g} s, before it starts at {start:g} s")
        file = next((recordings[name] for name in _file_names(video, start) if name in recordings), None)
        if file is not None:
            yield line, video, Path(file), mids


def _file_names(video: str, start: float) -> tuple[str, ...]:
    """Lists the names that the file of a segment may have, without suffix."""
    starts = f"{start:.3f}", f"{start:.3f}".rstrip("0").rstrip("."), f"{1000 * start:.0f}"
    return *(f"{video}_{text}" for text in starts), f"Y{video}", video


def _labels(names: list[str], wanted: set[str] | None, exactly_one: bool, other: str | None) -> tuple[str, ...] | None:
    """Gives the labels of a segment, or None if it is left out."""
    present = tuple(dict.fromkeys(name for name in names if wanted is None or name in wanted))
    if exactly_one and len(present) > 1:
        return None
    if not present:
        return None if other is None else (other,)
    return present


def _split(table: str) -> SplitName | None:
    """Gives the published split of a table."""
    if table.startswith("eval"):
        return "test"
    return "train" if "train" in table else None
