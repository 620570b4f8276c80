"""Tables of recordings."""

import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput


def test_rows_become_clips(tmp_path):
    trees.manifest(tmp_path)
    clips = {clip.name: clip for clip in datasets.read("manifest", tmp_path)}
    assert len(clips) == 9
    whole, part = clips["take 1.wav"], clips["take 0.wav@0.1"]
    assert (whole.labels, whole.group, whole.start, whole.end, whole.split) == (("oboe",), "day0", None, 0.2, None)
    assert (part.labels, part.group, part.start, part.split) == (("horn",), "day9", 0.1, "train")
    assert datasets.read("manifest", tmp_path / "manifest.csv") == datasets.read("manifest", tmp_path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,labels\na.wav,oboe\n", "no column 'path'; found file, labels"),
        ("path,instrument\na.wav,oboe\n", "no column 'labels'; found path, instrument"),
        ("path,label\n,oboe\n", "line 2: the path is empty"),
        ("path,label\na.wav,|\n", "line 2: 'a.wav' has no label"),
        ("path,label\na.wav,oboe\n../b.wav,oboe\n", r"'../b.wav' leads out of"),
        ("path,label\n/etc/passwd,oboe\n", r"'/etc/passwd' leads out of"),
        ("path,label\n..\\b.wav,oboe\n", r"'../b.wav' leads out of"),
        ("path,label,start\na.wav,oboe,soon\n", "line 2: start: expected seconds from 0 up, but 'soon'"),
        ("path,label,end\na.wav,oboe,-1\n", "line 2: end: expected seconds from 0 up, but '-1'"),
        ("path,label,start,end\na.wav,oboe,2,1\n", "line 2: ends at 1.0 s, before it starts at 2.0 s"),
        ("path,label,split\na.wav,oboe,dev\n", "line 2: split: expected train, validation, test, but 'dev'"),
        ("path,label\na.wav,oboe\na.wav,horn\n", "a path stands there twice with the same start"),
        ('path,label\n"a.wav,oboe\n', "not a CSV table"),
        ("path,label\na.wav,oboe,more,and more\n", "not a CSV table"),
        ("", "not a CSV table"),
        ("path,label\na\0.wav,oboe\n", "holds NUL bytes"),
        ('path,label\na.wav,"oboe\nb.wav,horn"\n', "in column 'label' holds a line break"),
        ("path,label,label\na.wav,oboe,horn\n", "two columns 'label'"),
    ],
)
def test_a_wrong_table_is_one_clear_error(table, message, tmp_path):
    (tmp_path / "manifest.csv").write_text(table)
    with pytest.raises(BadInput, match=message):
        datasets.read("manifest", tmp_path)


def test_a_table_from_excel_is_read(tmp_path):
    (tmp_path / "manifest.csv").write_text("path,label\r\na.wav,flûte\r\n", encoding="utf-8-sig", newline="")
    (clip,) = datasets.read("manifest", tmp_path)
    assert clip.labels == ("flûte",)


def test_files_outside_are_read_when_allowed(tmp_path):
    trees.write_audio(tmp_path / "elsewhere" / "a.wav")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "manifest.csv").write_text("path,label\n../elsewhere/a.wav,oboe\n")
    (clip,) = datasets.read("manifest", tmp_path / "data", allow_outside=True)
    assert clip.path.is_file() and clip.labels == ("oboe",)


def test_groups_follow_the_file_whatever_leads_to_it(tmp_path):
    for index, name in enumerate(("a.wav", "b.wav")):
        trees.write_audio(tmp_path / name, index)
    (tmp_path / "link.wav").symlink_to(tmp_path / "a.wav")
    rows = ["a.wav,oboe,0,0.1", "./a.wav,oboe,0.1,0.2", "link.wav,oboe,0.2,", "b.wav,horn,,", "gone.wav,horn,,"]
    (tmp_path / "manifest.csv").write_text("\n".join(["path,labels,start,end", *rows]))
    groups = {clip.name: clip.group for clip in datasets.read("manifest", tmp_path)}
    of_a = dict.fromkeys(["a.wav", "./a.wav", "link.wav"], "a.wav")
    assert groups == {**of_a, "b.wav": "b.wav", "gone.wav": "gone.wav"}


def test_starts_are_told_apart_however_late_they_are(tmp_path):
    rows = ["a.wav,oboe,12345.61", "a.wav,oboe,12345.64", "a.wav,oboe,1.5", "a.wav,oboe,0"]
    (tmp_path / "manifest.csv").write_text("\n".join(["path,labels,start", *rows]))
    names = [clip.name for clip in datasets.read("manifest", tmp_path)]
    assert names == ["a.wav@0", "a.wav@1.5", "a.wav@12345.61", "a.wav@12345.64"]


def test_parts_without_a_group_follow_the_other_parts_of_their_file(tmp_path):
    for index, name in enumerate(("a.wav", "b.wav")):
        trees.write_audio(tmp_path / name, index)
    rows = ["a.wav,oboe,0,", "a.wav,oboe,0.1,day 1", "./a.wav,oboe,0.2,", "b.wav,horn,,"]
    (tmp_path / "manifest.csv").write_text("\n".join(["path,labels,start,group", *rows]))
    groups = {clip.name: clip.group for clip in datasets.read("manifest", tmp_path)}
    assert groups == {"a.wav@0": "day 1", "a.wav@0.1": "day 1", "./a.wav": "day 1", "b.wav": "b.wav"}
