"""Labels in time: shares of frames, files of events, and the labels of segments."""

import json

import numpy as np
import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets import Note, event_files, shares
from kerasinst.features import prepare_data


def test_shares_equal_those_of_fine_frames():
    random = np.random.default_rng(0)
    starts = random.uniform(0, 9, 60)
    notes = [Note(start, start + random.exponential(0.7), random.choice(["oboe", "horn"])) for start in starts]
    at = random.uniform(-0.5, 10, 40)
    found = shares(notes, ["horn", "oboe", "harp"], starts=at, seconds=0.25)
    fine = np.arange(0, 12, 0.0005)
    for column, label in enumerate(("horn", "oboe", "harp")):
        sounding = np.zeros(len(fine), bool)
        for note in notes:
            if note.label == label:
                sounding |= (fine >= note.start) & (fine < note.end)
        expected = [sounding[(fine >= start) & (fine < start + 0.25)].sum() * 0.0005 / 0.25 for start in at]
        np.testing.assert_allclose(found[:, column], expected, atol=0.01)


def test_a_note_that_ends_where_a_frame_begins_is_not_in_it():
    found = shares([Note(0.1, 0.1 * 3, "oboe")], ["oboe"], starts=np.arange(6) * 0.1, seconds=0.1)
    np.testing.assert_allclose(found[:, 0], [0, 1, 1, 0, 0, 0], atol=1e-6)
    assert found[3, 0] == found[0, 0] == 0


EVENTS = (Note(0.5, 2.0, "cello"), Note(1.0, 1.5, "flute"))


def test_files_of_events_of_each_kind_are_read_alike(tmp_path):
    rows = [{"time": note.start, "duration": note.end - note.start, "value": note.label} for note in EVENTS]
    columns = {name: [row[name] for row in rows] for name in ("time", "duration", "value")}
    beat = {"namespace": "beat", "data": [{"time": 0, "duration": 0, "value": 1}]}
    files = {
        "audacity.txt": "0.500000\t2.000000\tcello\n\\\t100.0\t200.0\n1.000000\t1.500000\tflute\n",
        "table.csv": "start,end,label,remark\n0.5,2.0,cello,\n1.0,1.5,flute,soft\n",
        "list.jams": json.dumps({"annotations": [beat, {"namespace": "tag_open", "data": rows}]}),
        "columns.jams": json.dumps({"annotations": [{"namespace": "segment_open", "data": columns}]}),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        assert event_files.read(tmp_path / name) == EVENTS


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "0.5 2.0 cello\n", "line 1: expected start, end and label, with tabs"),
        ("a.txt", "2.0\t1.0\tcello\n", "line 1: ends at 1 s, before it starts at 2 s"),
        ("a.txt", "-2.0\t1.0\tcello\n", "line 1: expected seconds from 0 up, but '-2.0'"),
        ("a.csv", "start,end,label\n0,1, \n", "line 2: has no label"),
        ("a.csv", "start,end\n0,1\n", "no column 'label'"),
        ("a.csv", "start,end,label\n0,nan,cello\n", "line 2: expected seconds from 0 up"),
        ("a.jams", "{}", "not a JAMS file"),
        ("a.jams", '{"annotations": [{"namespace": "beat", "data": []}]}', "no annotation has labels .* found: beat"),
        (
            "a.jams",
            '{"annotations": [{"namespace": "tag_open", "data": [{"time": 0}]}]}',
            "observation 1: expected time",
        ),
        ("a.jams", '{"annotations": [{"namespace": "tag_open", "data": {"time": [0]}}]}', "lack time, duration"),
        ("a.jams", '{"annotations": [{"namespace": "tag_open", "data": 3}]}', "expected a list of observations"),
        ("a.mid", "", "expected a label track of Audacity"),
    ],
)
def test_files_of_events_that_make_no_sense_are_one_clear_line(name, content, message, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(BadInput, match=message):
        event_files.read(tmp_path / name)


@pytest.fixture
def annotated(tmp_path, experiment):
    """An experiment on four recordings of one second; each has a horn in its first half, and an oboe in the second."""
    rows = ["path,start,end,label"]
    for index in range(4):
        trees.write_audio(tmp_path / f"{index}.wav", index, seconds=1.0)
        rows += [f"{index}.wav,0,0.5,horn", f"{index}.wav,0.5,0.9,oboe"]
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n")
    return experiment.override(
        {
            "task": "multi-label", "dataset": {"reader": "manifest", "path": str(tmp_path), "rows": "events"},
            "audio": {"sample_rate": 8000, "segment_seconds": 0.25}, "split": {"validation": 0.25, "test": 0.25},
        }
    )  # fmt: skip


def test_a_segment_has_the_labels_that_sound_in_it(annotated):
    data = prepare_data(annotated)
    assert [segment.labels for segment in data.segments["test"]] == [("horn",), ("horn",), ("oboe",), ("oboe",)]
    np.testing.assert_allclose(data.targets("test", "multi-label"), [[1, 0], [1, 0], [0, 1], [0, 1]])
    middle = annotated.override({"audio.hop_seconds": 0.125, "audio.label_seconds": 0.05})
    labels = [segment.labels for segment in prepare_data(middle).segments["test"]]
    assert labels == [("horn",)] * 3 + [("horn", "oboe")] + [("oboe",)] * 3
    soft = prepare_data(annotated.override({"audio.soft_labels": True}))
    np.testing.assert_allclose(soft.targets("test", "multi-label")[:, 1], [0, 0, 1, 0.6], atol=1e-6)
    assert [clip.labels for clip in data.collection.clips] == [("horn", "oboe")] * 4


def test_a_manifest_may_name_a_file_of_events_for_each_recording(tmp_path):
    for name in ("a", "b", "c"):
        trees.write_audio(tmp_path / f"{name}.wav")
    (tmp_path / "a.txt").write_text("0\t0.1\toboe\n")
    (tmp_path / "c.txt").write_text("0.2\t0.1\toboe\n")
    (tmp_path / "manifest.csv").write_text(
        "path,labels,start,annotations\na.wav,,,a.txt\nb.wav,horn,0.1,\nc.wav,,,c.txt\n"
    )
    a, b, c = datasets.read("manifest", tmp_path)
    assert (a.labels, a.notes) == (("oboe",), (Note(0, 0.1, "oboe"),))
    assert (b.labels, b.notes) == (("horn",), ())
    assert "before it starts" in c.problem


def test_labels_beyond_the_end_of_the_audio_are_remarked_on(annotated, tmp_path):
    table = tmp_path / "manifest.csv"
    table.write_text(table.read_text() + "2.wav,0.9,7,oboe\n")
    remarks = prepare_data(annotated).collection.audit["remarks"]
    assert "2.wav: 1 of 3 notes end after the audio (1.00 s), up to 7.00 s" in remarks


def test_labels_that_never_sound_within_a_clip_are_none_of_its_own(recordings, tmp_path):
    table = recordings / "manifest.csv"
    table.write_text(
        "path,label,start,end\nlow/0.wav,low,0,0.5\nlow/0.wav,point,0.2,0.2\nlow/0.wav,late,50,60\n"
        "high/0.wav,high,0,1\nhigh/1.wav,point,0.1,0.4\nhigh/1.wav,late,0.1,0.4\n"
    )
    clips = datasets.read("manifest", table, rows="events")
    found = datasets.collect(clips, None, min_seconds=0.0, sample_rate=8000).clips
    assert {clip.name: set(clip.labels) for clip in found} == {
        "low/0.wav": {"low"}, "high/0.wav": {"high"}, "high/1.wav": {"point", "late"}
    }  # fmt: skip


def test_rows_of_a_recording_must_not_contradict_each_other(recordings):
    table = recordings / "manifest.csv"
    table.write_text("path,label,start,end,group\nlow/0.wav,low,0,1,a\nlow/0.wav,high,0,1,b\nhigh/0.wav,high,0,1,a\n")
    broken, fine = datasets.read("manifest", table, rows="events")[::-1]
    assert "line 3: group is 'b', but 'a' in line 2 of the same recording" in broken.problem and not fine.problem
