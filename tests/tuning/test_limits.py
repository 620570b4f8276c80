"""Limits: what is over one is drawn again before any training, and noted."""

import pandas as pd
import pytest
import simulated
from keras.src.backend.common import global_state

from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.features import prepare_data
from kerasinst.tuning import oracle, oracles
from kerasinst.tuning.costs import NetworkCosts
from kerasinst.tuning.search import tune

SPACE = {
    "network.dropout": {"float": {"min": 0.0, "max": 0.5}},
    "network.blocks": {"int": {"min": 1, "max": 3}},
    "training.learning_rate": {"float": {"min": 0.001, "max": 0.1, "sampling": "log"}},
    "network.filters": {"choice": [[4, 4], [4, 8], [8, 8], [8, 16], [16, 16], [16, 32], [32, 32], [32, 64]]},
}


@pytest.fixture
def limited(experiment, monkeypatch):
    """A search in which trials take no time, but costs are real."""
    simulated.simulate(monkeypatch)
    written = {"network.filters": [4, 8], "network.dropout": 0.1, "training.learning_rate": 0.02}

    def make(tuner="random", trials=8, **limits):
        several = {"search.objective": ["val_accuracy", "parameters"]} if tuner == "nsga2" else {}
        asked = {"search.space": SPACE, "search.tuner": tuner, "search.trials": trials, "search.epochs": 9}
        return experiment.override({**written, **asked, **several, "search.limits": limits})

    return make


def _search(experiment, folder):
    rejected = [pd.DataFrame()]
    _, board = simulated.tune(experiment, folder, on_rejected=[rejected.append])
    return board, rejected[-1]


@pytest.mark.parametrize("tuner", oracles.names())
def test_every_trial_is_within_the_limits_and_refusals_take_none(limited, tuner, tmp_path):
    experiment = limited(tuner, parameters=700)
    board, rejected = _search(experiment, tmp_path / "trials")
    costs = NetworkCosts(2, tmp_path / "costs")
    configurations = board.loc[~board[list(SPACE)].astype(str).duplicated(), list(SPACE)]
    assert len(configurations) == 8
    for row in configurations.to_dict("records"):
        assert costs.of_graph(experiment.override(row))["parameters"] <= 700
    assert len(rejected) and (rejected.limit == "parameters").all() and (rejected.allowed == 700).all()
    for row in rejected.to_dict("records"):
        built = costs.of_graph(experiment.override({key: row[key] for key in SPACE}))
        assert built["parameters"] == row["parameters"] > 700 and built["multiply_adds"] == row["multiply_adds"]


@pytest.mark.parametrize("tuner", ["random", "grid", "tpe"])
def test_a_search_that_goes_on_refuses_nothing_twice(limited, tuner, tmp_path):
    experiment = limited(tuner, parameters=700)
    board, rejected = _search(experiment, tmp_path / "whole")
    _search(limited(tuner, trials=5, parameters=700), tmp_path / "parts")
    again, again_rejected = _search(experiment, tmp_path / "parts")
    pd.testing.assert_frame_equal(board, again)
    pd.testing.assert_frame_equal(rejected, again_rejected)


@pytest.mark.slow
def test_an_experiment_over_the_limit_is_not_the_first_trial(limited, tmp_path):
    experiment = limited(parameters=300).override({"network.filters": [32, 64]})
    board, rejected = _search(experiment, tmp_path / "trials")
    assert rejected["network.filters"][0] == [32, 64] and rejected["network.dropout"][0] == 0.1
    assert [32, 64] not in board["network.filters"].tolist()


def test_limits_that_nothing_meets_end_the_search_with_the_smallest_network(limited, monkeypatch, tmp_path):
    monkeypatch.setattr(oracle, "MOST_REFUSALS", 50)
    rejected = []
    experiment = limited(parameters=90, multiply_adds=10**9)
    with pytest.raises(BadInput, match=r"all 50 draws were over the limits \(parameters 90, ") as error:
        simulated.tune(experiment, tmp_path / "trials", on_rejected=[rejected.append])
    smallest = rejected[-1].parameters.min()
    assert len(rejected[-1]) == 50 and f"has {smallest:,} parameters" in str(error.value)


def test_networks_of_any_size_are_counted_without_the_memory_for_them(tmp_path):
    """Its smallest network, and one that no memory holds."""
    experiment = Experiment.from_yaml(PROJECT / "experiments" / "ee5180.yaml")
    costs = NetworkCosts(5, tmp_path)
    smallest = {f"network.conv_filters.{n}": size for n, size in enumerate((16, 16, 8))}
    smallest |= {f"network.kernel_sizes.{n}": 1 for n in range(3)}
    smallest |= {f"network.dense_units.{n}": size for n, size in enumerate((16, 8, 4))}
    assert costs.of_graph(experiment.override(smallest))["parameters"] == 458_253
    larger = experiment.override({"network.dense_units.0": 10**9})
    assert costs.of_graph(larger)["parameters"] > 10**13


@pytest.mark.slow
def test_files_are_estimated_before_and_measured(experiment, tmp_path):
    costs = NetworkCosts(2, tmp_path)
    measured = costs.of_file(experiment)
    assert abs(costs.estimated_bytes(experiment) - measured["tflite_bytes"]) < 5000
    assert measured["milliseconds"] > 0 and measured["arena_bytes"] > 1000
    assert costs.of_file(experiment.override({"network.dropout": 0.3})) == measured  # of the same structure
    assert len(list(tmp_path.glob("*/costs.json"))) == 1
    assert costs.of_file(experiment.override({"network.filters": [4, 16]})) != measured


@pytest.mark.slow
def test_a_search_measures_and_limits_files(experiment, tmp_path):
    space = {"network.filters": {"choice": [[4, 8], [64, 64]]}, "network.dropout": {"choice": [0.0, 0.1, 0.2]}}
    experiment = experiment.override(
        {"search.space": space, "search.trials": 3, "search.measure": True, "training.epochs": 1}
    )
    small = NetworkCosts(2, tmp_path / "costs").of_file(experiment)
    limited = experiment.override(
        {"search.limits": {"tflite_bytes": small["tflite_bytes"] + 5000, "arena_bytes": 10**9}}
    )
    boards, rejected = [], []
    tune(
        limited, prepare_data(limited), directory=tmp_path / "trials", on_trial=[boards.append],
        on_rejected=[rejected.append],
    )  # fmt: skip
    board = boards[-1]
    assert (board["network.filters"].astype(str) == "[4, 8]").all() and len(board) == 3
    assert (board.tflite_bytes == small["tflite_bytes"]).all() and (board.arena_bytes == small["arena_bytes"]).all()
    assert board.milliseconds.notna().all() and board.pareto[0]
    assert (rejected[-1].limit == "tflite_bytes").all()


def test_networks_that_cannot_be_built_fail_as_trials(limited, tmp_path):
    experiment = limited(parameters=10**6).override(
        {"search.space": {"frontend.n_fft": {"choice": [256, 8192]}}, "frontend.center": False, "search.trials": 2}
    )
    board, rejected = _search(experiment, tmp_path / "trials")
    assert len(board) == 2 and rejected.empty


@pytest.mark.parametrize("tuner", oracles.names())
def test_limits_that_refuse_all_combinations_are_one_clear_error(limited, tuner, tmp_path):
    space = {"network.filters": {"choice": [[4, 4], [4, 8]]}, "network.dropout": {"choice": [0.1, 0.2]}}
    experiment = limited(tuner, parameters=10).override({"search.space": space})
    with pytest.raises(BadInput, match=r"all 4 draws were over the limits \(parameters 10\); the smallest network"):
        _search(experiment, tmp_path / "trials")


def test_a_search_with_trials_ends_where_no_further_draw_is_within_the_limits(limited, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(oracle, "MOST_REFUSALS", 20)
    space = {**SPACE, "network.dropout": {"fixed": 0.1}, "network.blocks": {"fixed": 1}}
    space["training.learning_rate"] = {"choice": [0.01, 0.02]}
    space["network.filters"] = {"choice": [[4, 4], *[[number, 64] for number in range(8, 40)]]}
    written = {"network.filters": [4, 4], "network.blocks": 1}
    experiment = limited(parameters=500).override({**written, "search.space": space, "search.trials": 10})
    board, rejected = _search(experiment, tmp_path / "trials")
    assert 1 <= len(board) <= 2 and len(rejected) >= 20
    assert "no other combination within the limits was found" in " ".join(capsys.readouterr().err.split())


def test_a_network_that_cannot_be_built_leaves_no_weights_behind_for_keras_to_make(experiment, tmp_path):
    costs = NetworkCosts(2, tmp_path)
    with pytest.raises(BadInput):
        costs.of_graph(experiment.override({"network.filters": [4, 10**6], "network.kernel_size": 0}))
    assert not global_state.get_global_attribute("uninitialized_variables")
