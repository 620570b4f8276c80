"""IRMAS: labels from folders and text files, songs from file names."""

import re

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput

PART = "IRMAS-TestingData-Part1/Part1"


def read_by_stem(path, **options):
    return {clip.path.stem: clip for clip in datasets.read("irmas", path, **options)}


def test_training_clips_of_one_song_are_one_group(tmp_path):
    trees.irmas(tmp_path)
    clips = read_by_stem(tmp_path)
    groups = {stem: clip.group for stem, clip in clips.items()}
    assert groups["[cel][cla]0001__1"] == groups["[cel][cla]0001__2"] == "0001"
    assert groups["033__[sax][dru][cou_fol]1701__1"] == groups["033__[sax][dru][cou_fol]1701__2"] == "1701"
    assert groups["008__[sax][dru][pop_roc]__1"] == groups["008__[sax][dru][pop_roc]__2"]
    assert groups["a saxophone"] == "a saxophone"
    assert len(set(groups.values())) == 12
    assert {clip.split for clip in clips.values()} == {None}


def test_the_folder_decides_the_label_and_tags_become_columns(tmp_path):
    trees.irmas(tmp_path)
    clips = read_by_stem(tmp_path)
    jazz, classical, untagged = (clips[s] for s in ("[cla][jaz_blu][nod]0123__2", "[cla][cla]0124__1", "[cla]0126__1"))
    assert jazz.labels == classical.labels == untagged.labels == ("cla",)
    assert jazz.columns == {"genre": "jaz_blu", "drums": "nod"}
    assert classical.columns == {"genre": "cla"} and untagged.columns == {}
    cello = clips["[cel][cla]0001__1"]
    assert (cello.name, cello.labels) == ("IRMAS-TrainingData/cel/[cel][cla]0001__1.wav", ("cel",))
    assert cello.columns == {"genre": "cla"}


def test_test_clips_have_the_labels_of_their_text_files(tmp_path):
    trees.irmas(tmp_path, tests=True)
    (tmp_path / PART / "README.txt").write_text("about the data set")
    clips = read_by_stem(tmp_path, subset="test")
    assert len(clips) == 3
    assert clips["(02) dont kill the whale-1"].labels == ("gel", "voi")
    assert {clips[f"(02) dont kill the whale-{n}"].group for n in (1, 15)} == {"(02) dont kill the whale"}
    odd = clips["Ain't it [live] No. 1.5 -Vol. 2-3"]
    assert (odd.labels, odd.group, odd.split) == (("sax", "pia"), "Ain't it [live] No. 1.5 -Vol. 2", None)


def test_both_keep_the_published_split(tmp_path):
    trees.irmas(tmp_path, tests=True)
    clips = datasets.read("irmas", tmp_path, subset="all")
    assert [clip.split for clip in clips].count("train") == 15 and [clip.split for clip in clips].count("test") == 3
    with pytest.raises(BadInput, match=r"dataset\.subset: expected train, test, all"):
        datasets.read("irmas", tmp_path, subset="both")


def test_a_described_excerpt_without_audio_is_kept_to_be_reported(tmp_path):
    trees.irmas(tmp_path, tests=True)
    (tmp_path / PART / "(02) dont kill the whale-15.wav").unlink()
    clip = read_by_stem(tmp_path, subset="test")["(02) dont kill the whale-15"]
    assert clip.labels == ("voi",) and not clip.path.exists()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (b"voi\t\nkaz\t\n", r"whale-1\.txt: line 2: expected cel, cla, .*, but 'kaz' was given"),
        (b"\n", r"whale-1\.txt: expected one code a line, but it holds none"),
        (b"\xff\xfe\x00", r"whale-1\.txt: not a text file"),
        (None, r"^its labels are missing; expected them in .*whale-1\.txt"),
    ],
)
def test_wrong_labels_of_a_test_clip_are_one_clear_problem(lines, message, tmp_path):
    trees.irmas(tmp_path, tests=True)
    table = tmp_path / PART / "(02) dont kill the whale-1.txt"
    table.unlink() if lines is None else table.write_bytes(lines)
    clips = read_by_stem(tmp_path, subset="test")
    assert re.search(message, clips["(02) dont kill the whale-1"].problem)
    assert len(clips) == 3 and sum(bool(clip.problem) for clip in clips.values()) == 1


def test_an_unknown_folder_and_missing_parts_are_refused(tmp_path):
    trees.irmas(tmp_path)
    with pytest.raises(BadInput, match=r"expected IRMAS-TestingData-Part1/.*; found: IRMAS-TrainingData"):
        datasets.read("irmas", tmp_path, subset="all")
    trees.write_audio(tmp_path / "IRMAS-TrainingData" / "oboe" / "[obo]9999__1.wav")
    with pytest.raises(BadInput, match=r"oboe: expected a folder named cel, cla"):
        datasets.read("irmas", tmp_path)
