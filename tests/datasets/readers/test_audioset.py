"""AudioSet: tables without audio, audio under many names."""

from collections import Counter

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput

FOUR = {"classes": ["Piano", "Drum", "Flute"], "exactly_one": True, "other": "other"}


def read_by_video(path, **options):
    return {clip.group: clip for clip in datasets.read("audioset", path, **options)}


def test_audio_is_found_under_all_its_names_and_missing_audio_is_left_out(tmp_path):
    trees.audioset(tmp_path)
    clips = read_by_video(tmp_path)
    fetched = {video: file for file, video, *_ in trees.AUDIOSET_ROWS if file}
    assert {video: clip.name for video, clip in clips.items()} == {v: f"audio/{f}" for v, f in fetched.items()}
    assert all(clip.path == tmp_path / clip.name and clip.start is clip.end is None for clip in clips.values())


def test_labels_are_display_names(tmp_path):
    trees.audioset(tmp_path)
    table = tmp_path / "csv" / "class_labels_indices.csv"
    table.write_text(table.read_text().replace('4,/m/0ytgt,"Child speech, kid speaking"\n', ""))
    clips = read_by_video(tmp_path)
    assert clips["-0RWZT-miFs"].labels == ("Piano", "Speech")
    assert clips["aaaaaaaaaa3"].labels == ("/m/0ytgt", "Speech")  # without a name, the identifier itself


def test_eval_is_the_published_test_split(tmp_path):
    trees.audioset(tmp_path)
    assert Counter(clip.split for clip in datasets.read("audioset", tmp_path)) == {"train": 9, "test": 4}
    test = datasets.read("audioset", tmp_path, subset="eval")
    assert [clip.split for clip in test] == [None] * 4
    with pytest.raises(BadInput, match=r"expected class_labels_indices\.csv and unbalanced_train_segments\.csv"):
        datasets.read("audioset", tmp_path, subset="unbalanced_train")
    with pytest.raises(BadInput, match=r"dataset\.subset: expected balanced_train, unbalanced_train, eval, all"):
        datasets.read("audioset", tmp_path, subset="train")


def test_the_four_classes_of_a_published_study(tmp_path):
    trees.audioset(tmp_path)
    clips = read_by_video(tmp_path, **FOUR)
    assert "YY_Y_Y_Y_Y_" not in clips  # flute and piano
    counts = Counter(label for clip in clips.values() for label in clip.labels)
    assert counts == {"Piano": 3, "Drum": 4, "Flute": 3, "other": 2}
    assert all(len(clip.labels) == 1 for clip in clips.values())
    assert set(read_by_video(tmp_path, **FOUR | {"other": None})) == set(clips) - {"aaaaaaaaaa2", "aaaaaaaaaa3"}


def test_chosen_classes_with_several_labels(tmp_path):
    trees.audioset(tmp_path)
    clips = read_by_video(tmp_path, classes=["/m/05r5c", "Flute"])
    assert clips["YY_Y_Y_Y_Y_"].labels == ("Flute", "Piano")
    assert clips["-0RWZT-miFs"].labels == ("Piano",)
    assert len(clips) == 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["Pianoo"]}, r"no class 'Pianoo'; did you mean 'Piano'\?"),
        ({"classes": ["/m/nothing"]}, "no class '/m/nothing'"),
        ({"classes": "Piano"}, "dataset.classes: expected a list of classes"),
        ({"classes": []}, "dataset.classes: expected a list of classes"),
        ({"classes": ["Piano"], "other": "Piano"}, "dataset.other: 'Piano' is one of the classes"),
        ({"classes": ["Speech"], "subset": "eval"}, "4 of 13 recordings are segments of eval_segments.csv, and none"),
    ],
)
def test_wrong_options_are_one_clear_error(options, message, tmp_path):
    trees.audioset(tmp_path)
    with pytest.raises(BadInput, match=message):
        datasets.read("audioset", tmp_path, **options)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('a, soon, 20.000, "/m/05r5c"', "line 5: start_seconds: expected a number from 0 up, but 'soon'"),
        ('a, 10.000, nan, "/m/05r5c"', "line 5: end_seconds: expected a number from 0 up, but 'nan'"),
        ('a, 20.000, 10.000, "/m/05r5c"', "line 5: ends at 10 s, before it starts at 20 s"),
        ("a, 10.000", "line 5: end_seconds: expected a number from 0 up, but ''"),
        ("a, 10.000, 20.000", "line 5: expected YTID, start_seconds, end_seconds, positive_labels"),
        ("a, 10.000, 20.000, /m/05r5c, /m/09x0r", "not a CSV table"),
        ('aaaaaaaaaa4, 30.000, 40.000, "/m/05r5c"', "line 5: audio/eval/Yaaaaaaaaaa4.wav has labels already"),
    ],
)
def test_a_wrong_table_is_one_clear_error(row, message, tmp_path):
    trees.audioset(tmp_path)
    first = 'aaaaaaaaaa4, 30.000, 40.000, "/m/05r5c"'
    (tmp_path / "csv" / "eval_segments.csv").write_text(f"# a\n# b\n# c\n{first}\n{row}\n")
    with pytest.raises(BadInput, match=rf"eval_segments\.csv: .*{message}"):
        datasets.read("audioset", tmp_path)


def test_no_audio_at_all_is_an_error(tmp_path):
    trees.audioset(tmp_path)
    for file in (tmp_path / "audio").rglob("*.*"):
        file.unlink()
    with pytest.raises(BadInput, match=r"expected audio of the segments, such as Y<ytid>\.wav"):
        datasets.read("audioset", tmp_path)
