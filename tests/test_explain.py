"""explain: what it writes about a finished run, and errors."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from kerasinst import explain, explanation
from kerasinst.runs import Run


@pytest.fixture(scope="module")
def explained(finished, tmp_path_factory):
    """A copy of the finished run, explained beside itself."""
    run = shutil.copytree(finished.path, tmp_path_factory.mktemp("explained") / "run")
    return explain.explain(run, against=finished.path)


def test_every_label_is_explained(explained):
    told, bands, moments = explained.explanation(), explained.read("bands"), explained.read("moments")
    for table in (bands, moments):
        np.testing.assert_allclose(table.groupby("label").share.sum(), 1, atol=1e-4)
        assert list(table.label.unique()) == ["high", "low"]
    assert bands.columns[1] == "Hz" and bands.Hz.max() < 4000 and moments.seconds.max() < 0.5
    assert told["method"] == "grad_cam" and told["segments"] == 8
    assert told["drift"]["correlation"] == 1  # its own copy


def test_faithfulness_is_measured_beside_random_masks(explained):
    told = explained.explanation()["faithfulness"]
    for name in ("heatmaps", "random"):
        for what in ("deletion", "insertion"):
            curve = told[name][f"{what}_curve"]
            assert len(curve) == 21 and told[name][what] == pytest.approx(np.mean(curve), abs=1e-3)
    assert told["heatmaps"]["deletion_curve"][0] == told["random"]["deletion_curve"][0]  # nothing is deleted yet
    assert 0 <= told["segments_where_heatmaps_delete_faster"] <= told["segments"]


def test_figures_and_audio_of_clips_are_there(explained):
    told = explained.explanation()
    assert {clip["label"] for clip in told["clips"]} == {"high", "low"}
    for name in [*told["figures"], *(clip["figure"] for clip in told["clips"])]:
        assert (explained.file("explanations") / name).read_bytes().startswith(b"\x89PNG")
        assert (explained.file("explanations") / name).with_suffix(".svg").is_file()
    for clip in told["clips"]:
        waveform, rate = soundfile.read(explained.file("explanations") / clip["audio"])
        assert (len(waveform), rate) == (4000, 8000) and np.abs(waveform).max() > 0.01


def test_explain_from_the_command_line(explained, run_verb):
    code, out, err = run_verb(explain, explained.path, "--method", "grad_cam++")
    assert code == 0, err
    assert "half of its heat lies within" in out and "Hz" in out and "random masks" in out
    assert json.loads((explained.file("explanations") / "explanation.json").read_text())["method"] == "grad_cam++"


def test_bad_input_ends_in_one_line(explained, run_verb, tmp_path):
    for arguments, message in (
        ((tmp_path,), "not a run directory"),
        ((explained.path, "--layer", "conv"), "there is no convolution 'conv'"),
        ((explained.path, "--against", tmp_path / "none.keras"), "no such model"),
    ):
        code, _, err = run_verb(explain, *arguments)
        assert code == 2 and message in err and err.count("\n") == 1
    assert Run(explained.path).explanation()["layer"]  # what was there stays


def test_empty_heatmaps_are_counted_and_left_out(finished, tmp_path, monkeypatch, run_verb):
    """As if nothing that the convolution finds raised the score of one label, or of any."""
    run = shutil.copytree(finished.path, tmp_path / "run")
    for empty, code, message in (((0,), 0, "4 of 8 heatmaps, left out"), ((0, 1), 2, "all 8 segments are empty")):

        def heatmaps(cam, features, truth, empty=empty):
            return np.ones(features.shape[:3], "float32") * ~np.isin(truth, empty)[:, None, None]

        monkeypatch.setattr(explanation.GradCam, "__call__", heatmaps)
        ended, out, err = run_verb(explain, run)
        assert ended == code and message in (out if code == 0 else err), err
    told = Run(run).explanation()
    assert (told["segments"], told["empty"], told["faithfulness"]["segments"]) == (8, 4, 4)
    assert Run(run).read("bands").label.unique() == ["low"]
    assert {clip["label"] for clip in told["clips"]} == {"low"}
