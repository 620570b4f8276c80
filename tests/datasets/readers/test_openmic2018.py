"""OpenMIC-2018: present, absent and unknown."""

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput

LABELS = "openmic-2018-aggregated-labels.csv"
HEADER = "sample_key,instrument,relevance,num_responses\n"


def read_by_key(path, **options):
    return {clip.path.stem: clip for clip in datasets.read("openmic2018", path, **options)}


@pytest.mark.parametrize("inner", ["openmic-2018", "."])
def test_what_was_judged_is_present_or_absent_and_the_rest_unknown(inner, tmp_path):
    trees.openmic2018(tmp_path, inner)
    clips = read_by_key(tmp_path)
    clip = clips["000046_3840"]
    assert (clip.name, clip.labels, clip.group) == ("audio/000/000046_3840.ogg", ("flute",), "000046")
    assert len(clip.unknown) == 18 and not {"flute", "clarinet"} & set(clip.unknown)
    assert clips["000135_483840"].labels == ("piano",) and "flute" not in clips["000135_483840"].unknown
    assert clips["000046_9999"].labels == ("flute",)  # a relevance of exactly the threshold
    assert clips["000046_9999"].group == clip.group


def test_a_clip_with_nothing_present_is_kept(tmp_path):
    trees.openmic2018(tmp_path)
    clips = read_by_key(tmp_path, relevance=0.6)
    assert len(clips) == 9 and clips["000135_483840"].labels == ()
    assert len(clips["000135_483840"].unknown) == 18
    assert read_by_key(tmp_path, relevance=0)["001454_0"].labels == ("piano", "voice")


def test_the_partitions_are_the_published_split(tmp_path):
    trees.openmic2018(tmp_path)
    assert [clip.split for clip in datasets.read("openmic2018", tmp_path)] == ["train"] * 7 + ["test"] * 2
    test = read_by_key(tmp_path, subset="test")
    assert set(test) == {"155300_1", "155311_453120"} and test["155300_1"].split is None
    with pytest.raises(BadInput, match=r"dataset\.subset: expected train, test, all"):
        datasets.read("openmic2018", tmp_path, subset="validation")


def test_missing_audio_is_kept_to_be_reported(tmp_path):
    trees.openmic2018(tmp_path, ".")
    (tmp_path / "audio" / "155" / "155300_1.ogg").unlink()
    assert not read_by_key(tmp_path)["155300_1"].path.exists()


@pytest.mark.parametrize("relevance", [-0.1, 1.1, "high", True, float("nan")])
def test_a_wrong_relevance_is_refused(relevance, tmp_path):
    trees.openmic2018(tmp_path)
    with pytest.raises(BadInput, match=r"dataset\.relevance: expected a number from 0 to 1"):
        datasets.read("openmic2018", tmp_path, relevance=relevance)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (LABELS, "sample_key,instrument\n000046_3840,flute\n", "no column 'relevance'; found sample_key, instrument"),
        (LABELS, HEADER + "000046_3840,flute,high,3\n", "line 2: relevance: expected a number from 0 up, but 'high'"),
        (LABELS, HEADER + "000046_3840,flute,1.5,3\n", "line 2: relevance: expected a number from 0 to 1, but 1.5"),
        (LABELS, HEADER + "000046_3840,kazoo,1,3\n", "line 2: instrument: expected accordion, .*, but 'kazoo'"),
        (LABELS, HEADER + "../../46_1,flute,1,3\n", "line 2: sample_key: expected one such as .*, found '../../46_1'"),
        (LABELS, HEADER + "1_1,flute,1,3\n1_1,flute,0,3\n", "line 3: 1_1 has another relevance of flute further up"),
        (LABELS, HEADER + "000046_3840,flute,1,3,4\n", "not a CSV table"),
        ("partitions/split01_test.csv", "000046_3840\n", "line 1: '000046_3840' stands there twice, or in both"),
    ],
)
def test_a_wrong_table_is_one_clear_error(file, text, message, tmp_path):
    trees.openmic2018(tmp_path, ".")
    (tmp_path / file).write_text(text)
    with pytest.raises(BadInput, match=rf"\.csv: .*{message}"):
        datasets.read("openmic2018", tmp_path)


def test_clips_that_nobody_judged_are_reported_and_the_others_are_read(tmp_path):
    trees.openmic2018(tmp_path, ".")
    trees.write_audio(tmp_path / "audio" / "777" / "777777_0.ogg")
    with open(tmp_path / "partitions" / "split01_train.csv", "a") as file:
        file.write("999999_1\n")
    clips = datasets.read("openmic2018", tmp_path)
    problems = {clip.name: clip.problem for clip in clips if clip.problem}
    assert problems == dict.fromkeys(["audio/777/777777_0.ogg", "audio/999/999999_1.ogg"], f"has no row in {LABELS}")
    assert len(clips) == 11
