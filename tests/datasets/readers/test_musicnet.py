"""MusicNet: notes in seconds, works as groups."""

import re

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets.annotations import Note

HEADER = "start_time,end_time,instrument,note,start_beat,end_beat,note_value\n"


def read_by_stem(path, **options):
    return {clip.path.stem: clip for clip in datasets.read("musicnet", path, **options)}


@pytest.mark.parametrize("inner", [".", "musicnet", "musicnet/musicnet"])
def test_notes_are_in_seconds_whatever_the_rate_of_the_audio(inner, tmp_path):
    trees.musicnet(tmp_path, inner)
    clips = read_by_stem(tmp_path)
    assert len(clips) == 10
    duo = clips["1727"]
    assert (duo.name, duo.labels, duo.split) == ("train_data/1727.wav", ("cello", "piano"), "train")
    assert duo.notes == (
        Note(0.0, 0.05, "piano", 48),
        Note(0.0, 0.05, "cello", 48),
        Note(0.1, 0.15, "piano", 49),
        Note(0.1, 0.15, "cello", 49),
    )
    assert all(type(note.start) is float and type(note.pitch) is int for note in duo.notes)


def test_movements_of_one_work_are_one_group(tmp_path):
    trees.musicnet(tmp_path)
    clips = read_by_stem(tmp_path)
    assert clips["1727"].group == clips["1728"].group == "Schubert: Piano Duo, in A major"
    assert clips["1733"].group != clips["1734"].group  # Suite 1, but by another composer
    assert clips["1734"].columns["composer"] == "Beethoven" and clips["1734"].columns["movement"] == "3. Allegro"
    (tmp_path / "musicnet_metadata.csv").unlink()
    alone = read_by_stem(tmp_path)["1727"]
    assert (alone.group, alone.columns) == ("1727", {})


def test_a_subset_has_no_split(tmp_path):
    trees.musicnet(tmp_path)
    assert {clip.split for clip in datasets.read("musicnet", tmp_path)} == {"train", "test"}
    test = read_by_stem(tmp_path, subset="test")
    assert set(test) == {"1759", "1819"} and test["1759"].split is None
    with pytest.raises(BadInput, match=r"dataset\.subset: expected train, test, all"):
        datasets.read("musicnet", tmp_path, subset="validation")


def test_a_missing_recording_and_missing_labels_are_reported_and_the_others_are_read(tmp_path):
    trees.musicnet(tmp_path, inner=".")
    (tmp_path / "train_data" / "1727.wav").unlink()
    clip = read_by_stem(tmp_path)["1727"]
    assert clip.path == tmp_path / "train_data" / "1727.wav" and not clip.path.exists()
    (tmp_path / "test_labels" / "1819.csv").unlink()
    clip = read_by_stem(tmp_path)["1819"]
    assert clip.problem == "its labels are missing; expected them in test_labels/1819.csv" and not clip.labels
    collection = datasets.collect(datasets.read("musicnet", tmp_path))
    problems = {row["clip"]: row["problem"] for row in collection.audit["broken"]}
    assert problems == {"train_data/1727.wav": "the file is missing", "test_data/1819.wav": clip.problem}
    assert len(collection.clips) == 8


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("start_time,end_time,note\n0,1,60\n", "no column 'instrument'; found start_time, end_time, note"),
        (HEADER, "expected one note a line, but it holds none"),
        (HEADER + "0,10,1,60,0,1,Whole\nsoon,10,1,60,0,1,Whole\n", "line 3: start_time: expected a whole number"),
        (HEADER + "0,0.5,1,60,0,1,Whole\n", "line 2: end_time: expected a whole number from 0 up, but '0.5'"),
        (HEADER + "0,,1,60,0,1,Whole\n", "line 2: end_time: expected a whole number from 0 up, but ''"),
        (HEADER + "-5,10,1,60,0,1,Whole\n", "line 2: start_time: expected a whole number from 0 up, but '-5'"),
        (HEADER + "20,10,1,60,0,1,Whole\n", "line 2: ends at sample 10, before it starts at 20"),
        (HEADER + "0,10,2,60,0,1,Whole\n", r"line 2: instrument: expected 1 \(piano\), .*, but '2' was given"),
        (HEADER + "0,10,1,128,0,1,Whole\n", "line 2: note: expected a MIDI number from 0 to 127, but '128'"),
        (HEADER + "0,10,1,60,0,1,Whole,more\n", "not a CSV table"),
        (HEADER + '0,10,1,60,0,1,"Whole\n', "not a CSV table"),
    ],
)
def test_wrong_labels_are_one_clear_problem_of_their_recording(table, message, tmp_path):
    trees.musicnet(tmp_path, inner=".")
    (tmp_path / "train_labels" / "1733.csv").write_text(table)
    clips = read_by_stem(tmp_path)
    assert re.search(rf"1733\.csv: .*{message}", clips["1733"].problem)
    assert [number for number, clip in clips.items() if clip.problem] == ["1733"]


def test_a_data_set_of_which_nothing_can_be_used_is_refused(tmp_path):
    trees.musicnet(tmp_path, inner=".")
    for table in tmp_path.glob("*_labels/*.csv"):
        table.write_text(HEADER)
    with pytest.raises(BadInput, match=r"none of 10 recordings can be used; the first, .*expected one note a line"):
        datasets.read("musicnet", tmp_path)


def test_metadata_without_its_columns_is_refused(tmp_path):
    trees.musicnet(tmp_path)
    (tmp_path / "musicnet_metadata.csv").write_text("id,composer\n1727,Schubert\n")
    with pytest.raises(BadInput, match=r"musicnet_metadata\.csv: there is no column 'composition'"):
        datasets.read("musicnet", tmp_path)
