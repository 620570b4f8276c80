"""The search: leaderboard, failures, and going on after a kill."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest
import simulated

from kerasinst.core.errors import Diverged
from kerasinst.features import prepare_data
from kerasinst.runs.artifacts import TRIAL_COLUMNS
from kerasinst.training.fit import Fitted
from kerasinst.tuning import trial
from kerasinst.tuning.search import tune


def _tune(experiment, directory, on_epoch=lambda row: None):
    boards = []
    best = tune(experiment, prepare_data(experiment), directory=directory, on_trial=[boards.append], on_epoch=on_epoch)
    return best, boards[-1]


@pytest.fixture
def untrained(monkeypatch):
    """Trials that train nothing, and whose score lies in what was drawn."""

    def fit_seed(experiment, data, *, seed, **options):
        score = 1 - abs(experiment.network.options["dropout"] - 0.2)
        return Fitted(SimpleNamespace(count_params=lambda: 7), pd.DataFrame(), score, 0.5, seed)

    monkeypatch.setattr(trial, "fit_seed", fit_seed)
    monkeypatch.setattr(trial, "examine", simulated.examine)


def test_the_leaderboard_is_best_first_and_the_best_is_returned(experiment, untrained, tmp_path):
    best, board = _tune(experiment.override({"search.trials": 3}), tmp_path / "trials")
    assert list(board.columns) == [*TRIAL_COLUMNS, "network.dropout"]
    assert len(board) == 3 and (board.status == "COMPLETED").all()
    assert board.score.is_monotonic_decreasing
    assert board["network.dropout"].nunique() == 3
    assert board.score.tolist() == pytest.approx((1 - (board["network.dropout"] - 0.2).abs()).tolist())
    assert (board.parameters == 7).all() and (board.seconds == 0.5).all()
    assert best.network.options["dropout"] == board["network.dropout"][0]
    assert best.training == experiment.training


def test_of_equal_trials_the_first_is_best_also_when_more_follow(experiment, monkeypatch, tmp_path):
    def fit_seed(experiment, data, *, seed, **options):
        return Fitted(SimpleNamespace(count_params=lambda: 7), pd.DataFrame(), 1.0, 0.5, seed)

    monkeypatch.setattr(trial, "fit_seed", fit_seed)
    monkeypatch.setattr(trial, "examine", simulated.examine)
    many = experiment.override({"search.space": {"network.dropout": {"float": {"min": 0.0, "max": 0.5}}}})
    bests = []
    for trials in (2, 12, 13):
        best, board = _tune(many.override({"search.trials": trials}), tmp_path / "trials")
        bests.append((best.network.options["dropout"], board["network.dropout"][0]))
        assert board.trial_id.astype(int).tolist() == list(range(trials))
    assert len({value for pair in bests for value in pair}) == 1


def test_val_loss_is_minimised(experiment, untrained, tmp_path):
    _, board = _tune(experiment.override({"search.objective": "val_loss"}), tmp_path / "trials")
    assert board.score.is_monotonic_increasing


@pytest.mark.parametrize("killed_in_trial", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_a_killed_search_goes_on_where_it_stood(experiment, tmp_path, killed_in_trial):
    _, whole = _tune(experiment, tmp_path / "whole")
    seen = []

    def kill(row):
        seen.append(row["epoch"])
        if seen == [1, 2, 3] * killed_in_trial + [1, 2]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _tune(experiment, tmp_path / "killed", kill)
    again = []
    _, board = _tune(experiment, tmp_path / "killed", lambda row: again.append(row["epoch"]))
    pd.testing.assert_frame_equal(board.drop(columns=["seconds", "worker"]), whole.drop(columns=["seconds", "worker"]))
    assert again == [1, 2, 3] * (2 - killed_in_trial)  # the first two are told again, not trained again
    repeated = []
    _tune(experiment, tmp_path / "killed", lambda row: repeated.append(row))
    assert not repeated


def test_the_seed_decides_the_trials(experiment, untrained, tmp_path):
    many = experiment.override(
        {"search.space": {"network.dropout": {"float": {"min": 0.0, "max": 0.5}}}, "training.epochs": 1}
    )
    _, first = _tune(many, tmp_path / "a")
    _, second = _tune(many, tmp_path / "b")
    _, other = _tune(many.override({"training.seeds": [2]}), tmp_path / "c")
    pd.testing.assert_frame_equal(first.drop(columns=["seconds", "worker"]), second.drop(columns=["seconds", "worker"]))
    drawn = [set(board.loc[board.trial_id != "0", "network.dropout"]) for board in (first, other)]
    assert drawn[0].isdisjoint(drawn[1])


def test_a_trial_that_cannot_be_built_fails_alone(experiment, tmp_path):
    space = {"frontend.n_fft": {"choice": [256, 8192]}}
    risky = experiment.override({"search.space": space, "search.trials": 2, "frontend.center": False})
    best, board = _tune(risky, tmp_path / "trials")
    assert board.status.tolist() == ["COMPLETED", "FAILED"]
    assert pd.isna(board.score[1])
    assert best.frontend.options["n_fft"] == 256


def test_when_all_trials_fail_the_reason_is_given(experiment, tmp_path):
    hopeless = experiment.override(
        {"search.space": {"frontend.n_fft": {"choice": [8192, 16384]}}, "frontend.center": False}
    )
    with pytest.raises(Diverged, match=r"all 2 trials failed; the first says: .*shorter than one frame"):
        _tune(hopeless, tmp_path / "trials")


def test_a_full_disk_stops_the_search(experiment, tmp_path):
    def full(row):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        _tune(experiment, tmp_path / "trials", full)


def test_keras_tuner_s_own_files_are_there(finished):
    oracle = json.loads((finished.file("trials") / "oracle.json").read_text())
    assert sorted(oracle["end_order"]) == ["0", "1"]
    assert not list(finished.file("trials").rglob("*.npz"))


def test_a_search_that_runs_out_of_combinations_says_so(experiment, untrained, tmp_path, capsys):
    few = experiment.override({"search.trials": 6, "training.epochs": 1})
    _, board = _tune(few, tmp_path / "trials")
    assert len(board) == 4
    assert "ends after 4 of 6 trials: the space has 4 combinations, and all are tried" in capsys.readouterr().err


def test_the_experiment_as_it_is_written_is_the_first_trial(experiment, tmp_path):
    written = experiment.override({"network.dropout": 0.3, "search.trials": 3, "training.epochs": 1})
    _, board = _tune(written, tmp_path / "trials")
    first = board.set_index("trial_id")["network.dropout"]
    assert first["0"] == 0.3 and sorted(first)[-1] == 0.3 and first.nunique() == 3
