"""Halving: which trials are stopped early, and that neither workers nor kills change it."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
import simulated

from kerasinst.core.errors import BadInput
from kerasinst.tuning.budgets import rank_correlation, scores_by_epoch


@pytest.fixture(autouse=True)
def simulated_trials(monkeypatch):
    simulated.simulate(monkeypatch)


@pytest.fixture
def halved(experiment):
    """An experiment with a search whose trials are stopped early."""

    def make(trials=20, tuner="random", **changes):
        written = {"network.dropout": 0.1, "network.blocks": 2, "training.learning_rate": 0.02}
        asked = {
            "search.space": simulated.SPACE, "search.trials": trials, "search.epochs": 27, "search.tuner": tuner,
            "search.halving": {},
        }  # fmt: skip
        return experiment.override({**written, **asked, **changes})

    return make


def test_poor_trials_are_stopped_and_no_epoch_is_trained_twice(halved, tmp_path, capsys):
    simulated.fit_seed.epochs = 0
    best, board = simulated.tune(halved(), tmp_path / "trials")
    assert set(board.epochs) == {3, 9, 27} and (board.epochs == 3).sum() >= 7
    assert simulated.fit_seed.epochs == board.epochs.sum()
    order = board.assign(trial_id=board.trial_id.astype(int)).set_index("trial_id").sort_index()
    assert (order.epochs[:5] == 27).all() and board.epochs[0] == 27
    assert best.network.options["dropout"] == board["network.dropout"][0]
    said = " ".join(capsys.readouterr().err.split())
    assert "after 3 of 27 epochs, the order of the first 5 trials agrees with that at their end by 1.00" in said
    assert not list(tmp_path.rglob("*.npz"))


def test_a_trial_goes_on_if_it_is_among_the_best_third_of_those_before_it(halved, tmp_path):
    _, board = simulated.tune(halved(), tmp_path / "trials")
    order = board.assign(trial_id=board.trial_id.astype(int)).set_index("trial_id").sort_index()
    curves = [scores_by_epoch(tmp_path / "trials" / f"trial_{number:02d}", "val_accuracy") for number in order.index]
    for number in order.index[5:]:
        before = [curve[2] for curve in curves[:number]]
        rank = 1 + sum(score >= curves[number][2] for score in before)
        assert (order.epochs[number] > 3) == (rank <= np.ceil((number + 1) / 3))


@pytest.mark.parametrize("size", [2, 4])
def test_the_number_of_workers_changes_nothing(halved, size, monkeypatch, tmp_path):
    _, alone = simulated.tune(halved(), tmp_path / "alone")
    for seed in (1, 2):
        with simulated.workers(monkeypatch, size, seed=seed) as end_one:
            _, together = simulated.tune(halved(), tmp_path / f"together-{seed}", on_running=end_one)
        pd.testing.assert_frame_equal(alone, together)


@pytest.mark.parametrize(
    "tuner", [{"tpe": {"initial": 4}}, pytest.param({"bayesian": {"initial": 4}}, marks=pytest.mark.slow)]
)
def test_tuners_that_learn_can_be_halved(halved, tuner, monkeypatch, tmp_path):
    boards = []
    for seed in (1, 2):
        with simulated.workers(monkeypatch, 2, seed=seed) as end_one:
            boards.append(simulated.tune(halved(14, tuner), tmp_path / str(seed), on_running=end_one)[1])
    pd.testing.assert_frame_equal(*boards)
    assert (boards[0].epochs < 27).any()


@pytest.mark.parametrize("killed", range(1, 30, 6))
def test_a_killed_search_decides_as_it_would_have(halved, killed, monkeypatch, tmp_path):
    simulated.fit_seed.epochs = 0
    _, whole = simulated.tune(halved(12), tmp_path / "whole")
    trained, simulated.fit_seed.epochs, fits = simulated.fit_seed.epochs, 0, 0

    class Killed(BaseException):
        """The process is gone."""

    def fit_seed(experiment, data, **options):
        nonlocal fits
        fits += 1
        fitted = simulated.fit_seed(experiment, data, **options)
        if fits == killed:
            raise Killed
        return fitted

    monkeypatch.setattr("kerasinst.tuning.trial.fit_seed", fit_seed)
    with suppress(Killed):
        simulated.tune(halved(12), tmp_path / "killed")
    _, again = simulated.tune(halved(12), tmp_path / "killed")
    pd.testing.assert_frame_equal(whole, again)
    assert simulated.fit_seed.epochs == trained


def test_nothing_is_stopped_where_short_trainings_say_little(halved, monkeypatch, tmp_path, capsys):
    score = simulated.score
    monkeypatch.setattr(
        simulated, "score", lambda experiment, epochs: score(experiment, 9) * (-1 if epochs < 27 else 1)
    )
    _, board = simulated.tune(halved(9), tmp_path / "trials")
    assert (board.epochs == 27).all()
    said = " ".join(capsys.readouterr().err.split())
    assert "by -1.00 (rank correlation): less than 0.50, too little to stop trials by" in said
    assert "no trial is stopped early" in said


def test_the_order_after_few_epochs_is_compared_with_that_at_the_end():
    curves = [[0.1, 0.5, 0.9], [0.3, 0.4, 0.5], [0.2, 0.3]]
    assert rank_correlation(curves, 2) == 1.0
    assert rank_correlation(curves, 3) == 1.0
    assert rank_correlation(curves, 1) == -0.5
    assert np.isnan(rank_correlation([[0.5, 0.1], [0.5, 0.2]], 1))


def _write(folder, scores):
    folder.mkdir(parents=True)
    pd.DataFrame({"epoch": range(1, len(scores) + 1), "val_accuracy": scores}).to_csv(
        folder / "history.csv", index=False
    )


def test_the_score_of_a_repeated_trial_is_known_once_all_of_its_trainings_have_come_as_far(tmp_path):
    _write(tmp_path / "seed-1", [0.1, 0.3, 0.2])
    assert scores_by_epoch(tmp_path, "val_accuracy", trainings=2) == []
    _write(tmp_path / "seed-2", [0.5])
    assert scores_by_epoch(tmp_path, "val_accuracy", trainings=2) == [0.3]
    assert scores_by_epoch(tmp_path, "val_accuracy", trainings=2, ended=True) == pytest.approx([0.3, 0.4, 0.4])


def test_halving_refuses_epochs_that_vary(halved, tmp_path):
    space = {"training.epochs": {"choice": [9, 27]}}
    with pytest.raises(BadInput, match="halving sets the number of epochs itself"):
        simulated.tune(halved(**{"search.space": space}), tmp_path / "trials")
