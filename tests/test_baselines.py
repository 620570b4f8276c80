"""Baselines: the same split and pictures as the network, files that other verbs read, and errors."""

import json

import numpy as np
import pytest

from kerasinst import baselines, classical, train
from kerasinst.core.errors import BadInput

FEW = ("svm_rbf", "random_forest")


def test_a_run_gets_baselines_on_its_own_split(run_verb, experiment_file, tmp_path):
    where = tmp_path / "run"
    run_verb(train, experiment_file, "--run", where, "--set", "training.epochs=1")
    before = {file: file.read_bytes() for file in where.iterdir() if file.is_file() and file.name != "audit.json"}
    code, out, err = run_verb(baselines, where, *(word for name in FEW for word in ("--model", name)))
    assert code == 0, err
    assert "svm_rbf" in out and "picture" in out and "statistics" in out
    run = baselines.Run(where)
    assert {file: file.read_bytes() for file in before} == before  # what was measured stays as it was
    table = run.baselines()
    assert sorted(zip(table.model, table.features, strict=True)) == sorted(
        (name, form) for name in FEW for form in ("picture", "statistics")
    )
    assert (table.accuracy == 1).all() and (table.milliseconds > 0).all() and (table.seconds_to_train > 0).all()
    tested = set(run.split().query("split == 'test'")["clip"])
    for row in table.itertuples():
        folder = where / "baselines" / f"{row.features}-{row.model}"
        assert (folder / "model.skops").stat().st_size == row.bytes
        assert classical.load(folder / "model.skops").classes_.tolist() == ["high", "low"]
        predictions = baselines.Run(folder).predictions()
        assert set(predictions["clip"]) == tested and (predictions.split == "test").all()
        metrics = json.loads((folder / "metrics.json").read_text())
        assert metrics["clip"]["macro_f1"] == row.macro_f1 and metrics["n_clips"] == len(tested)


@pytest.mark.slow
def test_models_can_be_added_one_by_one_and_tuned(experiment, tmp_path):
    baselines.baselines(experiment, tmp_path / "run", models=["naive_bayes"], features=["statistics"])
    run = baselines.baselines(experiment, tmp_path / "run", models=["k_neighbors"], features=["statistics"], tune=True)
    assert dict(zip(run.baselines().model, run.baselines().tuned, strict=True)) == {
        "k_neighbors": True, "naive_bayes": False
    }  # fmt: skip
    assert not run.finished and np.isfinite(run.baselines().ece).all()
    assert train.train(experiment, tmp_path / "run").finished  # a network can join them


def test_bad_input_ends_in_one_line(run_verb, experiment_file, experiment, tmp_path):
    code, _, err = run_verb(baselines, experiment_file, "--model", "svm")
    assert code == 2 and "there is no 'svm' among" in err and err.count("\n") == 1
    code, _, err = run_verb(baselines, experiment_file, "--set", "split.test=0", "--run", tmp_path / "run")
    assert code == 2 and "make split.test larger than 0" in err
    assert not (tmp_path / "run").exists()
    (tmp_path / "empty").mkdir()
    code, _, err = run_verb(baselines, tmp_path / "empty")
    assert code == 2 and "not a run directory" in err
    frames = {"task": "multi-label", "audio.frame_seconds": 0.1, "network": {"name": "sed_tcn"}, "search": None}
    with pytest.raises(BadInput, match="classical models score whole segments"):
        baselines.baselines(experiment.override(frames), tmp_path / "run")
