"""Labels that are markup, hidden names or of another script, through all verbs: each keeps its name and its place."""

import json
import shutil

import numpy as np
import pytest
import yaml
from conftest import make_content, make_recordings

from kerasinst import explain, explanation, export, predict, report, train
from kerasinst.runs import Run

LABELS = ["Ba$$ drum", "_background_noise_", "二胡"]


@pytest.mark.slow
def test_every_label_keeps_its_place_through_all_verbs(tmp_path, run_verb, monkeypatch):
    def heatmaps(cam, features, truth):
        return np.ones(features.shape[:3], "float32")  # whatever two epochs have taught the network

    monkeypatch.setattr(explanation.GradCam, "__call__", heatmaps)
    source, data = make_recordings(tmp_path / "source"), tmp_path / "data"
    for label, folder in zip(LABELS, ("low", "high", "low"), strict=True):
        shutil.copytree(source / folder, data / label)
    for file in (data / LABELS[2]).iterdir():
        file.write_bytes((source / "high" / file.name).read_bytes()[:9000])
    content = make_content(data)
    content["training"] |= {"epochs": 2, "augment": []}
    (tmp_path / "odd.yaml").write_text(yaml.safe_dump(content))
    run = tmp_path / "run"
    for verb, *arguments in (
        (train, tmp_path / "odd.yaml", "--run", run),
        (explain, run),
        (export, run, "--variant", "int8"),
        (report, run, "--to", tmp_path / "report"),
    ):
        code, _, err = run_verb(verb, *arguments)
        assert code == 0 and "could not be drawn" not in err, err
    assert Run(run).labels() == LABELS
    assert (run / "export" / "labels.txt").read_text(encoding="utf-8").split("\n") == [*LABELS, ""]
    assert list(Run(run).read("bands").label.unique()) == LABELS
    for page in (run / "report.html", tmp_path / "report" / "index.html"):
        assert all(label in page.read_text(encoding="utf-8") for label in LABELS)
    code, out, err = run_verb(predict, run / "export" / "model.tflite", data / LABELS[0], "--json")
    assert code == 0, err
    assert all(list(json.loads(line)["scores"]) == LABELS for line in out.splitlines())
