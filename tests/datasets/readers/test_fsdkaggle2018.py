"""FSDKaggle2018, from Zenodo and from Kaggle."""

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput

TEST = ("FSDKaggle2018.audio_test", "FSDKaggle2018.meta/test_post_competition_scoring_clips.csv")


def test_the_kaggle_copy_without_verification(tmp_path):
    trees.fsdkaggle2018(tmp_path, "audio_train", "train.csv", columns=("fname", "label"))
    clips = datasets.read("fsdkaggle2018", tmp_path)
    assert [(clip.name, clip.labels) for clip in clips] == [(name, (label,)) for name, label, *_ in trees.FSD_ROWS]
    assert clips[0].group == "00044347.wav" and clips[0].serial is None
    with pytest.raises(BadInput, match="no column 'manually_verified'"):
        datasets.read("fsdkaggle2018", tmp_path, verified_only=True)


def test_groups_numbers_and_verification(tmp_path):
    trees.fsdkaggle2018(tmp_path, "audio_train", "train.csv")
    clips = datasets.read("fsdkaggle2018", tmp_path)
    assert [clip.serial for clip in clips] == [1001, 1002, 1003, 1004, 1005, 1005, 1007]
    assert clips[4].group == clips[5].group != clips[6].group
    assert len(datasets.read("fsdkaggle2018", tmp_path, verified_only=True)) == 5


def test_both_parts_keep_the_published_split(tmp_path):
    trees.fsdkaggle2018(tmp_path)
    for index in range(2):
        trees.write_audio(tmp_path / TEST[0] / f"test{index}.wav", 20 + index)
    (tmp_path / TEST[1]).write_text(
        "fname,label,usage,freesound_id,license\ntest0.wav,Flute,Public,2001,x\ntest1.wav,None,Ignored,,\n"
    )
    clips = datasets.read("fsdkaggle2018", tmp_path, subset="all")
    assert [clip.split for clip in clips] == ["train"] * 7 + ["test"]
    only = datasets.read("fsdkaggle2018", tmp_path, subset="test")
    assert [(clip.name, clip.split) for clip in only] == [("test0.wav", None)]
    with pytest.raises(BadInput, match=r"dataset\.subset: expected train, test, all"):
        datasets.read("fsdkaggle2018", tmp_path, subset="both")


def test_a_file_name_cannot_lead_out_of_the_data_folder(tmp_path):
    trees.fsdkaggle2018(tmp_path, "audio_train", "train.csv")
    (tmp_path / "train.csv").write_text("fname,label\n../../secret.wav,Cello\n00353774.wav,Flute\n")
    assert {clip.path.parent for clip in datasets.read("fsdkaggle2018", tmp_path)} == {tmp_path / "audio_train"}


def test_a_file_with_two_labels_is_refused(tmp_path):
    (tmp_path / "audio_train").mkdir()
    (tmp_path / "train.csv").write_text("fname,label\na.wav,Cello\na.wav,Flute\n")
    with pytest.raises(BadInput, match=r"'a\.wav' is listed twice"):
        datasets.read("fsdkaggle2018", tmp_path)
