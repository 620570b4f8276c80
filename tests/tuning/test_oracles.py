"""All ways to choose trials: what they draw, and that neither workers nor kills change it."""

import json
import os
import pathlib
import sqlite3

import keras_tuner
import optuna
import pandas as pd
import pytest
import simulated
from conftest import few

from kerasinst.core import console
from kerasinst.core.errors import BadInput
from kerasinst.tuning import optuna_oracle, oracles, search
from kerasinst.tuning.oracle import arguments
from kerasinst.tuning.space import Space

DEPEND_ON_SCORES = ("bayesian", "nsga2", "tpe")
"""Oracles that draw what depends on the order in which trials end."""


@pytest.fixture(autouse=True)
def simulated_trials(monkeypatch):
    simulated.simulate(monkeypatch)


@pytest.fixture
def searched(experiment):
    """An experiment with a search of each kind, by its tuner and its number of trials."""

    def make(tuner, trials=14, space=simulated.SPACE, whole=0, **changes):
        few = {
            "bayesian": {"initial": 4}, "tpe": {"initial": 4}, "nsga2": {"population": 4},
            "hyperband": {"whole_trials": whole},
        }.get(tuner, {})  # fmt: skip
        few = {tuner: few}
        if tuner == "nsga2":
            changes = {"search.objective": ["val_accuracy", "parameters"], **changes}
        asked = {"search.space": space, "search.tuner": few, "search.trials": trials, "search.epochs": 9}
        written = {"network.dropout": 0.1, "network.blocks": 2, "training.learning_rate": 0.02}
        return experiment.override({**written, **asked, **changes})

    return make


def _same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("tuner", oracles.names())
def test_trials_differ_are_within_the_space_and_begin_with_the_experiment(searched, tuner, tmp_path):
    experiment = searched(tuner)
    best, board = simulated.tune(experiment, tmp_path / "trials")
    drawn = board[board.trial_id.astype(int) == 0].iloc[0]
    assert drawn["network.dropout"] == 0.1 and drawn["network.blocks"] == 2
    assert board["network.dropout"].between(0, 0.5).all() and board["network.blocks"].isin([1, 2, 3]).all()
    assert board["training.learning_rate"].between(0.001, 0.1).all()
    keys = list(simulated.SPACE)
    assert len(board[keys].drop_duplicates()) == 14
    assert best.network.options["dropout"] == board["network.dropout"][0]
    assert (board.status == "COMPLETED").all() and board.score.is_monotonic_decreasing


@pytest.mark.parametrize("tuner", [name for name in oracles.names() if name not in DEPEND_ON_SCORES])
@pytest.mark.parametrize("size", [2, 4])
def test_the_number_of_workers_changes_nothing(searched, tuner, size, monkeypatch, tmp_path):
    _, alone = simulated.tune(searched(tuner), tmp_path / "alone")
    with simulated.workers(monkeypatch, size, seed=1) as end_one:
        _, together = simulated.tune(searched(tuner), tmp_path / "together", on_running=end_one)
    _same(alone, together)


@pytest.mark.parametrize("tuner", few(DEPEND_ON_SCORES, [name for name in DEPEND_ON_SCORES if name != "bayesian"]))
def test_the_order_in_which_workers_end_changes_nothing(searched, tuner, monkeypatch, tmp_path):
    boards = []
    for seed in (1, 2):
        with simulated.workers(monkeypatch, 3, seed=seed) as end_one:
            boards.append(simulated.tune(searched(tuner), tmp_path / str(seed), on_running=end_one)[1])
    _same(*boards)


@pytest.mark.parametrize("tuner", few(oracles.names(), [name for name in oracles.names() if name != "bayesian"]))
def test_more_trials_go_on_as_if_they_had_been_asked_for_at_once(searched, tuner, tmp_path):
    experiment = searched(tuner, trials=12)
    _, whole = simulated.tune(experiment, tmp_path / "whole")
    simulated.tune(searched(tuner, trials=7), tmp_path / "parts")
    _, parts = simulated.tune(experiment, tmp_path / "parts")
    if tuner == "hyperband":  # whose first bracket ended with fewer trials
        assert len(parts[list(simulated.SPACE)].drop_duplicates()) == 12
    else:
        whole["trial_id"], parts["trial_id"] = whole.trial_id.astype(int), parts.trial_id.astype(int)
        _same(whole, parts)


@pytest.mark.parametrize("more", range(4, 12))
def test_a_finished_hyperband_search_opens_a_new_bracket_for_more_trials(searched, more, tmp_path):
    """The weights of the old one are gone."""
    simulated.tune(searched("hyperband", trials=3), tmp_path / "trials")
    simulated.fit_seed.epochs = 0
    _, board = simulated.tune(searched("hyperband", trials=more), tmp_path / "trials")
    configurations = board[list(simulated.SPACE)].drop_duplicates()
    assert len(configurations) == more and (board.status == "COMPLETED").all()
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("tuner", ["random", "grid", "hyperband"])
def test_the_number_of_workers_changes_nothing_when_few_combinations_are_left(
    searched, tuner, size, monkeypatch, tmp_path
):
    for seed in range(1, 6):
        experiment = searched(tuner, trials=15, space=simulated.SMALL, **{"training.seeds": [seed]})
        _, alone = simulated.tune(experiment, tmp_path / f"alone-{seed}")
        with simulated.workers(monkeypatch, size, seed=seed) as end_one:
            _, together = simulated.tune(experiment, tmp_path / f"together-{seed}", on_running=end_one)
        _same(alone, together)


def test_a_grid_tries_each_combination_once_and_bayesian_and_tpe_none_twice(searched, tmp_path):
    for tuner in ("grid", "bayesian", "tpe"):
        experiment = searched(tuner, trials=30, space=simulated.SMALL, **{"network.dropout": 0.3})
        _, board = simulated.tune(experiment, tmp_path / tuner)
        assert not board[list(simulated.SMALL)].duplicated().any()
        assert len(board) == 15 or tuner != "grid"
        assert set(board["network.dropout"]) <= {0.0, 0.1, 0.2, 0.3, 0.4}


@pytest.mark.parametrize("tuner", oracles.names())
def test_ranges_with_steps_are_drawn_to_their_end(searched, tuner, tmp_path):
    space = {"training.learning_rate": {"float": {"min": 0.001, "max": 0.003, "step": 0.001}}}
    space |= {"network.dropout": {"float": {"min": 0.0, "max": 0.3, "step": 0.1}}}
    experiment = searched(tuner, trials=12, space=space, **{"training.learning_rate": 0.001})
    _, board = simulated.tune(experiment, tmp_path / "trials")
    assert set(board["training.learning_rate"]) <= {0.001, 0.002, 0.003}
    assert board["training.learning_rate"].max() == 0.003 and board["network.dropout"].max() == 0.3


@pytest.mark.parametrize("tuner", ["random", "tpe"])
def test_a_folder_may_have_any_name(searched, tuner, tmp_path):
    folder = tmp_path / "net[16]* 50%?#1" / "trials"
    simulated.tune(searched(tuner, trials=2), folder)
    _, board = simulated.tune(searched(tuner, trials=3), folder)
    assert len(board) == 3
    assert (folder / "study.db").is_file() == (tuner == "tpe")


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def killed_at(monkeypatch):
    """Runs a function until the n-th file is put in its place; the temporary file stays, whole or half."""

    def run(function, n, when):
        counted = 0
        replace = os.replace
        with monkeypatch.context() as patch:

            def kill(source, target):
                nonlocal counted
                counted += 1
                if counted != n:
                    replace(source, target)
                    return
                if when == "after":
                    replace(source, target)
                elif when == "half" and os.path.isfile(source):
                    os.truncate(source, os.path.getsize(source) // 2)
                patch.setattr(
                    pathlib.Path, "unlink", lambda *arguments, **options: None
                )  # a dead process tidies nothing
                raise Killed

            patch.setattr(os, "replace", kill)
            try:
                return function(), counted
            except Killed:
                return None, counted

    return run


@pytest.mark.parametrize("when", few(["before", "half", "after"], ["half"]))
@pytest.mark.parametrize("tuner", few(oracles.names(), ("random", "grid")))
def test_a_kill_at_any_write_ends_like_the_unbroken_search(searched, tuner, when, killed_at, tmp_path):
    experiment = searched(tuner, trials=6)
    simulated.fit_seed.epochs = 0
    best, whole = simulated.tune(experiment, tmp_path / "whole")
    trained = simulated.fit_seed.epochs
    n = 0
    while True:
        n += 1
        folder = tmp_path / str(n) / "trials"
        simulated.fit_seed.epochs = 0
        done, _ = killed_at(lambda folder=folder: simulated.tune(experiment, folder), n, when)
        if done:
            break
        again, board = simulated.tune(experiment, folder)
        _same(whole, board)
        assert again == best and simulated.fit_seed.epochs == trained
        assert not list(folder.rglob("*.npz")) and not list(folder.rglob(".lock"))
        for file in folder.glob("**/trial.json"):
            assert json.loads(file.read_text())["status"] == "COMPLETED"
    assert n > 20


def _draws(oracle, folder, scores, trials):
    """Drives an oracle of keras-tuner itself, one trial after the other."""
    oracle._set_project_dir(str(folder), "theirs")
    oracle.verbose = 0
    drawn = []
    for number in range(trials):
        asked = oracle.create_trial(str(number))
        drawn.append(asked.hyperparameters.values)
        oracle.update_trial(asked.trial_id, {"val_accuracy": scores(asked.hyperparameters.values)})
        asked.status = "COMPLETED"
        oracle.end_trial(asked)
    return drawn


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_oracles_draw_what_keras_tuner_draws(experiment, tmp_path):
    """After the first trial, at the same seed and the same scores."""
    theirs = keras_tuner.oracles
    space = Space(simulated.SPACE, experiment)

    def space_of_its_own():
        hyperparameters = keras_tuner.HyperParameters()
        space.declare(hyperparameters)
        return hyperparameters

    def scores(values):
        return -abs(values["network.dropout"] - 0.3) - values["network.blocks"] / 10

    same = arguments(space_of_its_own(), objective="val_accuracy", seed=3)
    for name, other, options in (
        ("random", theirs.RandomSearchOracle(**same, max_trials=20), {}),
        ("grid", theirs.GridSearchOracle(**same, max_trials=20), {}),
        ("bayesian", theirs.BayesianOptimizationOracle(**same, max_trials=20, num_initial_points=5), {"initial": 5}),
    ):
        expected = _draws(other, tmp_path / name, scores, 9)
        ours = oracles.create(
            name, space_of_its_own(), objective="val_accuracy", trials=20, epochs=9, seed=3, **options
        )
        drawn = _draws(ours, tmp_path / f"our-{name}", scores, 9)
        assert drawn == [pytest.approx(values, rel=1e-3) for values in expected]


def test_hyperband_promotes_as_keras_tuner_does(experiment, tmp_path):
    space = Space(simulated.SPACE, experiment)

    class Theirs(keras_tuner.oracles.HyperbandOracle):
        def _get_num_brackets(self):
            return 3  # of 27, 9 and 3 epochs; keras-tuner itself would begin with 1

    def scores(values):
        return -abs(values["network.dropout"] - 0.3) - values["network.blocks"] / 10

    drawn = []
    for make in (
        lambda hp: Theirs(**arguments(hp, objective="val_accuracy", seed=3), max_epochs=27),
        lambda hp: oracles.create(
            "hyperband", hp, objective="val_accuracy", trials=100, epochs=27, seed=3, whole_trials=0
        ),
    ):
        hyperparameters = keras_tuner.HyperParameters()
        space.declare(hyperparameters)
        drawn.append(_draws(make(hyperparameters), tmp_path / str(len(drawn)), scores, 26))
    for one, other in zip(*drawn, strict=True):
        ignored = ("tuner/bracket", "tuner/trial_id")  # the number of the bracket is one too low there
        assert {k: v for k, v in one.items() if k not in ignored} == {
            k: v for k, v in other.items() if k not in ignored
        }


def test_hyperband_goes_on_with_the_weights_of_the_round_before(searched, tmp_path):
    simulated.fit_seed.epochs = 0
    _, board = simulated.tune(searched("hyperband", trials=12, **{"search.epochs": 27}), tmp_path / "trials")
    assert sorted(board.epochs.value_counts().items()) == [(3, 12), (9, 4), (27, 2)]
    assert simulated.fit_seed.epochs == 12 * 3 + 4 * 6 + 2 * 18  # no epoch twice
    assert board.epochs[0] == 27
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize("size", [1, 3])
def test_hyperband_first_tells_whether_short_trainings_agree_with_long_ones(
    searched, size, monkeypatch, tmp_path, capsys
):
    experiment = searched("hyperband", trials=17, whole=5, **{"search.epochs": 27})
    with simulated.workers(monkeypatch, size, seed=1) as end_one:
        _, board = simulated.tune(experiment, tmp_path / "trials", on_running=end_one)
    order = board.assign(trial_id=board.trial_id.astype(int)).set_index("trial_id").sort_index()
    assert order.epochs[:5].tolist() == [27] * 5 and (order.epochs[5:17] == 3).all()
    assert sorted(order.epochs[17:].value_counts().items()) == [(9, 4), (27, 2)]
    said = " ".join(capsys.readouterr().err.split())
    assert "after 3 of 27 epochs, the order of the first 5 trials agrees with that at their end by 1.00" in said
    assert "after 9 of 27 epochs" in said


def test_failed_trials_do_not_keep_hyperband_from_going_on(searched, monkeypatch, tmp_path):
    def fail(experiment, data, **options):
        if experiment.network.options["blocks"] == 1:
            raise MemoryError("no memory")
        return simulated.fit_seed(experiment, data, **options)

    monkeypatch.setattr(search, "GLANCE", 0.001)
    monkeypatch.setattr("kerasinst.tuning.trial.fit_seed", fail)
    _, board = simulated.tune(searched("hyperband", trials=9), tmp_path / "trials")
    failed = board[board.status == "FAILED"]
    assert len(failed) and (failed.reason == "MemoryError: no memory").all() and (failed["network.blocks"] == 1).all()
    assert (board.epochs == 9).any()


@pytest.mark.parametrize(
    ("tuner", "changes", "message"),
    [
        ({"hyperband": {"min_epochs": 1}}, {}, r"search.tuner.hyperband: min_epochs=1 must be at least 3"),
        ({"hyperband": {"factor": 1}}, {}, "factor=1 must be at least 2"),
        ({"hyperband": {"whole_trials": 2}}, {}, "whole_trials=2 must be 0 or at least 3"),
        ("hyperband", {"search.epochs": 8}, "8 epochs are too few for two rounds: set search.epochs to at least 9"),
        ({"hyperband": {"factor": "x"}}, {}, "search.tuner.hyperband: "),
        ("hyperband", {"search.space": {"training.epochs": {"choice": [3, 9]}}}, "sets the number of epochs itself"),
        ({"bayesian": {"beta": -1}}, {}, "beta=-1 must be at least 0"),
        ({"tpe": {"initial": 0}}, {}, "initial=0 must be at least 1"),
        ("hyperbrand", {}, "there is no tuner 'hyperbrand'; did you mean 'hyperband'"),
        ({"random": {"factor": 3}}, {}, "tuner 'random' has no 'factor'"),
        ({"random": {}, "grid": {}}, {}, "write a name, or one name with its options"),
    ],
)
def test_wrong_options_are_one_clear_error(searched, tuner, changes, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        simulated.tune(searched("random").override({"search.tuner": tuner, **changes}), tmp_path / "trials")


def test_a_study_of_tpe_opens_in_optuna(searched, tmp_path):
    _, board = simulated.tune(searched("tpe", trials=8), tmp_path / "trials")
    study = optuna.load_study(study_name=None, storage=f"sqlite:///{tmp_path / 'trials' / 'study.db'}")
    assert len(study.trials) == 8 and study.best_value == board.score[0]
    assert study.best_params["network.dropout"] == board["network.dropout"][0]


@pytest.mark.parametrize("broken", [False, True])
def test_a_search_goes_on_while_another_program_keeps_its_study(searched, broken, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(console, "_said", set())
    path = tmp_path / "trials" / "study.db"
    simulated.tune(searched("tpe", trials=2), tmp_path / "trials")
    other = sqlite3.connect(path, isolation_level=None)
    if broken:
        path.write_bytes(b"no database" * 100)
    else:
        other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(optuna_oracle, "PATIENCE", 0)
    _, board = simulated.tune(searched("tpe", trials=4), tmp_path / "trials")
    assert len(board) == 4
    said = capsys.readouterr().err
    assert said.count("trials cannot be added") == 1 and ("not a database" if broken else "locked") in said
    other.close()
    if broken:
        path.unlink()
    simulated.tune(searched("tpe", trials=4), tmp_path / "trials")
    assert len(optuna.load_study(study_name=None, storage=f"sqlite:///{path}").trials) == 4


def test_tpe_without_optuna_says_what_to_install(searched, monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(BadInput, match="pip install 'kerasinst\\[optuna\\]'"):
        simulated.tune(searched("tpe"), tmp_path / "trials")


def test_tpe_ends_when_all_combinations_are_tried(searched, tmp_path, capsys):
    _, board = simulated.tune(searched("tpe", trials=20, space=simulated.SMALL), tmp_path / "trials")
    assert 10 <= len(board) <= 15 and not board[list(simulated.SMALL)].duplicated().any()
    assert "the search ends after" in capsys.readouterr().err
