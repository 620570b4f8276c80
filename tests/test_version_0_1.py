"""What version 0.1 wrote is still read: an experiment file, a run directory, and the models in it."""

import json
import shutil
from pathlib import Path

import keras
import pytest
from conftest import make_recordings

from kerasinst import evaluate, predict, report
from kerasinst.core.registry import LOSSES
from kerasinst.experiment import Experiment
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling
from kerasinst.reporting.run_data import RunData
from kerasinst.runs import Run
from kerasinst.training import losses

WRITTEN = Path(__file__).parent / "data" / "version-0.1"
SCORES = {"model.keras": 0.575996, "compressed/int8/model.tflite": 0.570312}
"""Score of "high" that version 0.1 printed for the first recording, by model."""


@pytest.fixture
def run(tmp_path):
    """A copy of the run, beside recordings like those that it was made with."""
    make_recordings(tmp_path / "recordings")
    return Run(shutil.copytree(WRITTEN / "run", tmp_path / "run"))


def test_an_experiment_file_is_read_with_the_names_of_today():
    experiment = Experiment.from_yaml(WRITTEN / "tiny.yaml")
    assert experiment.training.loss == {"iou_like": {}}  # missed_and_false, when it was written
    assert Experiment.from_yaml(WRITTEN / "run" / "experiment.yaml").training.loss == experiment.training.loss
    assert losses.create(*experiment.training.loss, "multi-label")
    assert "missed_and_false" not in LOSSES.names()


def test_a_keras_model_loads_in_safe_mode_and_says_the_same(run):
    model = keras.models.load_model(run.model_file, safe_mode=True)
    assert any(isinstance(layer, StatisticsPooling) for layer in model.network.layers)  # MeanDeviation, then
    assert model.labels == run.labels() == ["high", "low"]


@pytest.mark.parametrize("file", SCORES)
def test_models_say_what_they_said(run, run_verb, file):
    code, out, err = run_verb(predict, run.path / file, run.path.parent / "recordings" / "high" / "0.wav", "--json")
    assert code == 0, err
    assert json.loads(out)["scores"]["high"] == pytest.approx(SCORES[file], abs=2e-3)


def test_a_run_is_reported_and_evaluated(run, run_verb, tmp_path):
    found = RunData(run.path)
    assert found.missing == [] and len(found.leaderboard) == 2 and list(found.compression.variant) == ["int8"]
    code, _, err = run_verb(report, run.path, "--to", tmp_path / "report", "--quiet")
    assert code == 0 and (tmp_path / "report" / "index.html").is_file(), err
    code, out, err = run_verb(evaluate, run.path, "--data", tmp_path / "recordings", "--run", tmp_path / "results")
    assert code == 0 and "16 test clips" in out, err
