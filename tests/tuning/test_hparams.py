"""The trials of a search on the HParams page of TensorBoard, read back by TensorBoard itself."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kerasinst.experiment import PROJECT
from kerasinst.training.tensorboard import tensorboard_logs
from kerasinst.tuning.hparams import write_hparams

BOARD = pd.DataFrame(
    {
        "trial_id": [1, 0, 2],
        "status": ["COMPLETED", "COMPLETED", "FAILED"],
        "score": [0.8, 0.7, np.nan],
        "parameters": [500.0, 900.0, np.nan],
        "tflite_bytes": [np.nan, 1200.0, np.nan],
        "milliseconds": np.nan,
        "seconds": [3.5, 4.0, np.nan],
        "reason": [np.nan, np.nan, "no memory"],
        "network.name": ["separable", "ee5180", "ee5180"],
        "network.dense.0": [np.nan, 32.0, 64.0],
        "frontend.center": [True, False, True],
        "training.learning_rate": [0.01, 0.001, 1.0],
    }
)


@pytest.fixture
def page():
    """Gives what the HParams page of TensorBoard gets for a folder: the experiment, and the trials by their names."""
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, get_experiment, list_session_groups
    from tensorboard.plugins.hparams.backend_context import Context

    def read(folder):
        files = EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
        context = Context(TBContext(data_provider=MultiplexerDataProvider(files, str(folder)), logdir=str(folder)))
        experiment = get_experiment.Handler(
            RequestContext(), context, "", api_pb2.GetExperimentRequest(include_metrics=True)
        ).run()
        asked = api_pb2.ListSessionGroupsRequest(
            start_index=0,
            slice_size=100,
            include_metrics=True,
            allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE],
        )
        found = list_session_groups.Handler(RequestContext(), context, "", asked).run()
        return experiment, {group.name: group for group in found.session_groups}

    return read


def test_each_trial_is_a_row_with_its_values_its_score_and_its_costs(page, tmp_path):
    write_hparams(tmp_path, BOARD, objective="val_accuracy")
    experiment, rows = page(tmp_path)
    keys = {"network.name", "network.dense.0", "frontend.center", "training.learning_rate"}
    assert {info.name for info in experiment.hparam_infos} == keys
    assert [info.name.tag for info in experiment.metric_infos] == ["val_accuracy", "parameters", "tflite_bytes"]
    assert set(rows) == {"trial 0", "trial 1", "trial 2"}
    first = rows["trial 0"]
    assert first.hparams["network.name"].string_value == "ee5180"
    assert first.hparams["network.dense.0"].number_value == 32 and not first.hparams["frontend.center"].bool_value
    figures = {value.name.tag: value.value for value in first.metric_values}
    assert figures == pytest.approx({"val_accuracy": 0.7, "parameters": 900, "tflite_bytes": 1200})


def test_blanks_are_left_out_and_failed_trials_have_no_score(page, tmp_path):
    write_hparams(tmp_path, BOARD, objective="val_accuracy")
    _, rows = page(tmp_path)
    assert "network.dense.0" not in rows["trial 1"].hparams
    assert {value.name.tag for value in rows["trial 1"].metric_values} == {"val_accuracy", "parameters"}
    assert not rows["trial 2"].metric_values and rows["trial 2"].hparams["training.learning_rate"].number_value == 1


def test_classical_models_are_no_trials(page, tmp_path):
    model = pd.DataFrame({"trial_id": ["svm_rbf"], "status": ["BASELINE"], "score": [0.9], "seconds": [1.0]})
    write_hparams(tmp_path, pd.concat([model, BOARD], ignore_index=True), objective="val_accuracy")
    assert set(page(tmp_path)[1]) == {"trial 0", "trial 1", "trial 2"}


def test_trials_are_written_anew_and_a_training_keeps_them(page, tmp_path):
    write_hparams(tmp_path, BOARD, objective="val_accuracy")
    write_hparams(tmp_path, BOARD.head(2), objective="val_accuracy")
    (tmp_path / "seed-7").mkdir()
    with tensorboard_logs(tmp_path, lambda row: None) as on_epoch:
        on_epoch({"seed": 1, "epoch": 1, "loss": 1.0})
    assert set(page(tmp_path)[1]) == {"trial 0", "trial 1"}
    assert {path.name for path in tmp_path.iterdir()} == {"trials", "seed-1"}


def test_a_leaderboard_of_an_earlier_version_is_enough(page, tmp_path):
    old = BOARD[["trial_id", "status", "score", "parameters", "seconds", "network.name"]]
    write_hparams(tmp_path, old, objective="val_loss")
    experiment, rows = page(tmp_path)
    assert [info.name.tag for info in experiment.metric_infos] == ["val_loss", "parameters"] and len(rows) == 3


def test_tensorflow_is_not_imported(tmp_path):
    code = (
        "import sys; from pathlib import Path; import pandas as pd; from kerasinst.tuning.hparams import write_hparams;"
        f"write_hparams(Path({str(tmp_path)!r}), pd.DataFrame({{'trial_id': [0], 'status': ['COMPLETED'],"
        "'score': [0.5], 'seconds': [1.0],"
        "'network.dropout': [0.1]}), objective='val_accuracy'); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
