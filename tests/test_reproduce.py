"""`reproduce`: every step of each study on small look-alikes, and what it writes."""

import importlib

import pandas as pd
import pytest
from test_study_files import SMALL_NETWORKS

from kerasinst import reproduce
from kerasinst.core.errors import BadInput, Failed
from kerasinst.experiment import Experiment, studies
from kerasinst.runs import Run

SIZES = {
    "ee5180": {"PER_LABEL": 8},
    "audioset4": {"PER_CLASS": {"balanced_train": 14, "eval": 4}},
    "irmas": {"SONGS": 3, "TESTS": 12},
    "musicnet": {"PIECES": 30, "SECONDS": 4.0},
}
"""Sizes of look-alikes."""
SHORT = {
    "ee5180": {"audio.segments": 80, "training.epochs": 1},
    "audioset4": {"audio.segment_seconds": 1.0, "training.epochs": 1, "training.batch_size": 16},
    "irmas": {"audio.hop_seconds": 3.0, "training.epochs": 1},
    "musicnet": {"audio.hop_seconds": 1.0, "training.epochs": 1},
}
"""Budgets."""
OWN = {
    "ee5180_best": {"audio.segments": None, "audio.hop_seconds": 2.0},
    "musicnet_timeline": {"audio.segment_seconds": 2.0, "audio.hop_seconds": 2.0},
}
"""Changes of single experiments."""


@pytest.mark.slow
@pytest.mark.parametrize("study", studies.STUDIES)
def test_every_step_of_a_study_runs_and_is_not_run_twice(study, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERASINST_CACHE", str(tmp_path / "cache"))
    reader = Experiment.from_yaml(study).dataset.reader
    module = importlib.import_module(f"kerasinst.datasets.rendering.look_alikes.{reader}")
    for name, value in SIZES[study].items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(studies, "FAST", SHORT)
    own = {
        name: {
            **{f"network.{key}": value for key, value in SMALL_NETWORKS.get(each.network.name, {}).items()},
            **OWN.get(name, {}),
        }
        for name in studies.variants(study)
        for each in [Experiment.from_yaml(name)]
    }
    monkeypatch.setattr(studies, "FAST_EXPERIMENTS", own)
    folder = reproduce.reproduce(study, tmp_path / "runs", fast=True)
    told = capsys.readouterr()
    assert (folder / "index.html").is_file() and "trainings take about" in told.err
    run = Run(tmp_path / "runs" / study)
    assert run.has("baselines") and run.has("explanation") and set(run.variants()) >= {"float", "int8"}
    assert all((tmp_path / "runs" / name / "metrics.json").is_file() for name in studies.variants(study))
    assert Run(tmp_path / "runs" / f"{study}-closer").file("error_sheet").is_file()
    page = (folder / "index.html").read_text()
    assert "rendered look-alike, whose figures are not those of recordings" in page
    if study == "musicnet":  # the others are tried with smaller networks, of which their studies report nothing
        published = pd.read_csv(folder / "tables" / "published.csv")
        assert published.published.notna().all() and published.ours.notna().all()
    before = run.file("metrics").stat().st_mtime_ns
    reproduce.reproduce(study, tmp_path / "runs", fast=True)
    assert run.file("metrics").stat().st_mtime_ns == before


def test_unknown_studies_are_refused_and_all_are_listed(run_verb):
    with pytest.raises(BadInput, match="there is no study 'irmass'; did you mean 'irmas'"):
        reproduce.reproduce("irmass")
    code, out, _ = run_verb(reproduce, "--list")
    assert code == 0 and "irmas_panns" not in out and "irmas_morlet" in out
    code, _, err = run_verb(reproduce)
    assert code == 2 and "which study?" in err


def test_changes_apply_where_they_fit():
    experiments = studies.experiments_of(
        "irmas", changes={"search.trials": 3, "network.dense_dropout": 0.1, "training.epochs": 2}
    )
    assert experiments["irmas"].search.trials == 3 and experiments["irmas"].network.options["dense_dropout"] == 0.1
    assert experiments["irmas_mixed"].search is None and experiments["irmas_mixed"].training.epochs == 2
    assert experiments["irmas_best"].training.pretrain.frozen_epochs == 2
    more = studies.experiments_of("irmas", changes={"training.epochs": 60})["irmas_best"].training
    assert more.epochs == more.pretrain.frozen_epochs == 60
    with pytest.raises(BadInput, match="epochs"):
        studies.experiments_of("irmas", changes={"training.epochs": "abc"})
    weights = studies.experiments_of("irmas", changes={"training.pretrain": {"weights": "Cnn10.pth"}})
    assert weights["irmas"].training.pretrain.weights == "Cnn10.pth" and not weights["irmas_mixed"].training.pretrain
    assert weights["irmas_best"].training.pretrain.weights == "experiments/pretrained.npz"
    fast = studies.experiments_of("irmas", fast=True, changes={"search.trials": 3})
    assert fast["irmas"].search is None and fast["irmas"].name == "irmas-fast"


def test_a_step_that_fails_does_not_keep_the_others_from_running(tmp_path, monkeypatch):
    done = []
    steps = [
        reproduce.Step("train ee5180", lambda: done.append("train")),
        reproduce.Step("explain", lambda: (_ for _ in ()).throw(BadInput("all heatmaps are empty"))),
        reproduce.Step("train ee5180_plain", lambda: done.append("variant")),
    ]
    monkeypatch.setattr(reproduce, "_steps", lambda *_, **__: iter(steps))
    monkeypatch.setattr(reproduce, "_report", lambda *_: done.append("report"))
    with pytest.raises(Failed, match="1 of 4 steps failed: explain"):
        reproduce.reproduce("ee5180", tmp_path)
    assert done == ["train", "variant", "report"]
