"""Which trials are within noise of the best, repetitions, and the Pareto front."""

from types import SimpleNamespace

import keras_tuner
import numpy as np
import pandas as pd
import pytest
import simulated
from conftest import few
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasinst.features import prepare_data
from kerasinst.training.fit import Fitted
from kerasinst.tuning import trial
from kerasinst.tuning.examination import Examined
from kerasinst.tuning.noise import BUDGET, Noise
from kerasinst.tuning.pareto import pareto_front
from kerasinst.tuning.repeats import repeats
from kerasinst.tuning.search import tune


def _tune(experiment, directory):
    boards = []
    best = tune(experiment, prepare_data(experiment), directory=directory, on_trial=[boards.append])
    return best, boards[-1]


def _patch(monkeypatch, quality):
    """Lets trials get the segments right that a function gives for an experiment and a seed."""

    def fit_seed(experiment, data, *, seed, **options):
        rows = pd.DataFrame({"epoch": [1]})
        return Fitted(simulated.SimpleNamespace(count_params=lambda: 7), rows, 0.0, 0.5, seed)

    def examine(experiment, fitted, *, data, **options):
        right = quality(experiment, fitted.seed, len(data.segments["validation"]))
        return Examined(float(right.mean()), right, {"parameters": 7})

    monkeypatch.setattr(trial, "fit_seed", fit_seed)
    monkeypatch.setattr(trial, "examine", examine)


@pytest.fixture
def larger(experiment):
    """An experiment with a space of four values, all of which are tried, and most groups in the validation split."""
    return experiment.override({"search.trials": 4, "split.validation": 0.7, "split.test": 0.1})


def test_trials_that_get_nearly_the_same_segments_right_are_within_noise(larger, monkeypatch, tmp_path):
    def quality(experiment, seed, n):
        right = np.ones(n)
        right[: {0.0: 0, 0.1: 1, 0.2: n - 1, 0.3: n}[experiment.network.options["dropout"]]] = 0
        return right

    _patch(monkeypatch, quality)
    _, board = _tune(larger, tmp_path / "trials")
    assert board["network.dropout"].tolist() == [0.0, 0.1, 0.2, 0.3]
    assert board.within_noise.tolist() == [True, True, False, False]
    assert board.deviation.isna().all()


def test_trials_that_lost_their_patience_are_compared_and_those_that_were_stopped_early_are_not(larger, tmp_path):
    oracle = SimpleNamespace(trials={}, ended=lambda: list(oracle.trials.values()), folder=lambda name: tmp_path / name)
    rows = [("0", {"epochs": 9}), ("1", {"epochs": 4}), ("2", {"epochs": 3, BUDGET: 3})]
    for trial_id, figures in rows:
        asked = Trial(keras_tuner.HyperParameters(), trial_id, TrialStatus.COMPLETED)
        for name, value in figures.items():
            asked.metrics.register(name, direction="min")
            asked.metrics.update(name, value)
        oracle.trials[trial_id] = asked
        (tmp_path / trial_id).mkdir()
        np.save(tmp_path / trial_id / "validation.npy", np.ones(len(simulated.DATA.segments["validation"])))
    board = pd.DataFrame({"trial_id": list(oracle.trials), "status": TrialStatus.COMPLETED, "score": 1.0})
    Noise(oracle, larger, data=simulated.DATA).mark(board)
    assert board.p_value.notna().tolist() == [True, True, False]


def test_repetitions_have_seeds_of_their_own_and_their_mean_is_the_score(larger, monkeypatch, tmp_path):
    asked = larger.override({"search.repeats": 3, "training.seeds": [5]})
    assert [repeat.seed for repeat in repeats(asked)] == [5, 6, 7]
    assert [repeat.seed for repeat in repeats(asked.override({"training.seeds": [9, 2]}))] == [9, 2, 10]

    def quality(experiment, seed, n):
        right = np.ones(n)
        right[: round(n * (experiment.network.options["dropout"] + 0.1 * (seed - 5)))] = 0
        return right

    _patch(monkeypatch, quality)
    _, board = _tune(asked, tmp_path / "trials")
    n = len(prepare_data(asked).segments["validation"])
    for row in board.to_dict("records"):
        scores = [1 - round(n * (row["network.dropout"] + 0.1 * repeat)) / n for repeat in range(3)]
        assert row["score"] == pytest.approx(np.mean(scores))
        assert row["deviation"] == pytest.approx(np.std(scores, ddof=1))
    assert board.within_noise[1]  # two standard errors of three seeds are about 0.16 here


@pytest.mark.slow
def test_folds_hear_each_training_and_validation_group_once(experiment, tmp_path):
    folded = experiment.override(
        {"search.repeats": {"folds": 3}, "search.trials": 2, "training.epochs": 1, "split.test": 0.25}
    )
    data = prepare_data(folded)
    parts = [repeat.data(data, folded) for repeat in repeats(folded)]
    held_out = [segment for part in parts for segment in part.segments["validation"]]
    both = data.segments["train"] + data.segments["validation"]
    assert sorted(map(id, held_out)) == sorted(map(id, both))
    for part in parts:
        groups = [{segment.group for segment in part.segments[split]} for split in ("train", "validation", "test")]
        assert not groups[0] & groups[1] and not groups[2] & (groups[0] | groups[1])
    _, board = _tune(folded, tmp_path / "trials")
    assert (board.status == "COMPLETED").all() and board.deviation.notna().all()
    quality = [np.load(path) for path in tmp_path.rglob("validation.npy")]
    assert len(quality) == 2 and all(len(each) == len(both) for each in quality)
    assert sorted(each.mean() for each in quality) == pytest.approx(sorted(board.score), abs=0.1)
    assert board.within_noise[0]
    assert len(list(tmp_path.rglob("fold-*/history.csv"))) == 6 and not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize(
    "figure",
    few(["val_macro_f1", "int8:val_accuracy", "int8:val_mean_average_precision"], ["val_macro_f1"]),
)
def test_objectives_other_than_accuracy(experiment, figure, tmp_path):
    asked = experiment.override({"search.objective": figure, "search.trials": 2, "training.epochs": 2})
    _, board = _tune(asked, tmp_path / "trials")
    assert (board.status == "COMPLETED").all() and board.score.between(0, 1).all()
    histories = [pd.read_csv(path) for path in tmp_path.rglob("history.csv")]
    name = figure.removeprefix("int8:")
    floats = sorted(history[name].max() for history in histories)
    assert sorted(board.score) == pytest.approx(floats, abs=0.2 if figure.startswith("int8") else 1e-6)


def test_the_pareto_front_holds_what_nothing_beats():
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {"score": random.random(40).round(1), "bytes": random.integers(1, 9, 40), "ms": random.random(40)}
    )
    table.loc[3, "ms"] = np.nan
    front = pareto_front(table, {"score": 1, "bytes": -1, "ms": -1})
    assert front.isna().tolist() == [number == 3 for number in range(40)]
    for number, row in table.drop(3).iterrows():
        others = table.drop([3, number])
        as_good = (others.score >= row.score) & (others.bytes <= row.bytes) & (others.ms <= row.ms)
        better = (others.score > row.score) | (others.bytes < row.bytes) | (others.ms < row.ms)
        assert front[number] == (not (as_good & better).any())
