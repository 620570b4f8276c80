"""What a data set really holds: broken, silent and short files are counted and left out."""

import numpy as np
import pytest
import soundfile

from kerasinst import datasets
from kerasinst.core.errors import BadInput


def test_broken_files_are_counted_and_the_rest_is_used(recordings):
    (recordings / "low" / "broken.wav").write_text("not audio")
    soundfile.write(recordings / "low" / "silent.wav", np.zeros(8000, np.float32), 8000)
    soundfile.write(recordings / "low" / "nan.wav", np.full(8000, np.nan, np.float32), 8000, subtype="FLOAT")
    soundfile.write(recordings / "low" / "none.wav", np.zeros(0, np.float32), 8000)
    soundfile.write(recordings / "low" / "short.wav", np.tile([0.5, -0.5], 400), 8000)
    collection = datasets.collect(datasets.read("folder", recordings), min_seconds=0.5)
    assert len(collection.clips) == 16
    assert collection.labels == ["high", "low"]
    assert [row["clip"] for row in collection.audit["broken"]] == [
        "low/broken.wav",
        "low/nan.wav",
        "low/none.wav",
    ]
    assert collection.audit["silent"] == ["low/silent.wav"]
    problems = " ".join(row["problem"] for row in collection.audit["broken"])
    assert "decoded" in problems and "NaN" in problems and "no samples" in problems
    assert collection.audit["too_short"] == 1
    assert collection.audit["labels"]["low"] == {"clips": 8, "groups": 8, "hours": round(8 / 3600, 4)}
    assert collection.decoded.facts["low/0.wav"].seconds == 1.0


def test_labels_restrict_and_order(recordings):
    found = datasets.read("folder", recordings)
    assert datasets.collect(found, labels=["low", "high"]).labels == ["low", "high"]
    only = datasets.collect(found, labels=["low"])
    assert only.audit["other_labels"] == 8 and len(only.clips) == 8
    with pytest.raises(BadInput, match=r"no label 'lo'; did you mean 'low'\?"):
        datasets.collect(found, labels=["lo"])


def test_nothing_usable_says_why(recordings):
    found = datasets.read("folder", recordings)
    with pytest.raises(BadInput, match=r"none of 16 clips can be used: 0 broken, 0 silent, 16 shorter than 9 s"):
        datasets.collect(found, min_seconds=9)
    for clip in found:
        clip.path.write_text("no audio")
    with pytest.raises(
        BadInput,
        match=r"none of 16 clips can be used: 16 broken, .*; the first broken one, high/0.wav: cannot be decoded",
    ):
        datasets.collect(found)


def test_labels_that_would_break_the_tables_are_refused(recordings):
    for name in ("a|b", "split"):
        (recordings / "low").rename(recordings / name)
        with pytest.raises(BadInput, match="cannot be called"):
            datasets.collect(datasets.read("folder", recordings))
        (recordings / name).rename(recordings / "low")
