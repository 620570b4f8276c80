"""What the page of a run shows of a search: figures of leaderboards of every kind, and what is said beside them."""

import io
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from kerasinst import reporting
from kerasinst.evaluation.figures import sign
from kerasinst.reporting import formatting, importance
from kerasinst.reporting.plots.hyperparameters import hyperparameter_importance, parallel_coordinates
from kerasinst.reporting.plots.saving import save
from kerasinst.reporting.plots.search import scores
from kerasinst.reporting.plots.search_costs import scores_over_costs
from kerasinst.reporting.refused_draws import refused_draws
from kerasinst.reporting.search_figures import SAY, search_figures
from kerasinst.runs import Run

MODELS = pd.DataFrame(
    {"trial_id": ["svm_rbf", "naive_bayes"], "status": "BASELINE", "score": [0.83, 0.4], "seconds": 1.0}
)
"""Classical models in a leaderboard."""
OLD = ["trial_id", "status", "score", "parameters", "seconds"]
"""Columns of the first leaderboards, beside hyperparameters."""


def leaderboard(n=24, objective="val_accuracy", **changes) -> pd.DataFrame:
    """A search over two networks, of which one has a dense layer and the other one filters, as its file is read."""
    random = np.random.default_rng(0)
    dense = random.permutation(np.arange(n) % 2 == 0)
    rate = 10 ** random.uniform(-4, -1, n)
    cost = random.integers(20_000, 90_000, n)
    table = pd.DataFrame(
        {
            "trial_id": range(n),
            "status": "COMPLETED",
            "score": 0.8 - 0.1 * (np.log10(rate) + 2.5) ** 2 + random.normal(0, 0.01, n),
            "deviation": [0.01, np.nan] * (n // 2) + [np.nan] * (n % 2),
            "within_noise": None,
            "parameters": cost,
            "multiply_adds": cost * 40.0,
            "tflite_bytes": cost * 1.2,
            "milliseconds": np.where(np.arange(n) % 5 == 4, np.nan, cost / 30_000),
            "arena_bytes": np.nan,
            "pareto": None,
            "seconds": 600.0,
            "epochs": 8,
            "worker": "a",
            "reason": None,
            "network.name": np.where(dense, "dense", "separable"),
            "network.filters": pd.Series(["[8, 16]", "[16, 32]"] * n)[:n].where(~dense),
            "network.dense.0": pd.Series(random.choice([16, 32, 64], n)).where(dense),
            "training.learning_rate": rate,
        }
    ).assign(**changes)
    table = table.sort_values("score", ascending=sign(objective) < 0, na_position="last")
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


def drawn(table: pd.DataFrame, folder, objective="val_accuracy") -> set[str]:
    """Names of the figures that are drawn and saved."""
    made = {name: draw() for name, draw in search_figures(table, objective=objective, as_written="0").items()}
    for name, figure in made.items():
        if figure is not None:
            save(figure, folder / name)
    return {name for name, figure in made.items() if figure is not None}


def texts(figure) -> set[str]:
    """Everything that is written in a figure."""
    return {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}


@pytest.mark.parametrize("objective", ["val_accuracy", "val_loss"])
def test_a_leaderboard_with_blanks_has_every_figure(objective, tmp_path):
    assert drawn(leaderboard(objective=objective), tmp_path, objective) == set(SAY)


def test_leaderboards_of_every_kind_are_drawn(tmp_path):
    board = leaderboard()
    keys = [name for name in board if "." in name]
    assert drawn(board[OLD + keys], tmp_path) == set(SAY)
    assert drawn(board.assign(score=0.5), tmp_path) == {"scores", "costs", "coordinates"}
    assert drawn(board.head(1), tmp_path) == {"scores", "costs"}
    failed = board.assign(score=np.nan, parameters=np.nan, seconds=np.nan, epochs=np.nan, status="FAILED")
    assert drawn(failed, tmp_path) == set()
    assert drawn(pd.concat([board, failed.assign(trial_id=range(24, 48))], ignore_index=True), tmp_path) == set(SAY)
    assert drawn(board.assign(score=board.score.where(board.index > 0, -np.inf)), tmp_path) == set(SAY)
    odd = {"network.$x_1$<b>": [f"[<i>$a_{row}$ & {{" for row in range(24)]}
    assert drawn(board.assign(**odd), tmp_path) == set(SAY)
    written = (tmp_path / "coordinates.svg").read_text()
    assert "<i>" not in written and "<b>" not in written


@pytest.mark.parametrize(("objective", "best"), [("val_accuracy", [0.2, 0.5, 0.7]), ("val_loss", [0.2, 0.1])])
def test_the_best_so_far_follows_the_order_of_asking(objective, best):
    board = leaderboard(6, score=[0.2, 0.5, np.nan, 0.1, 0.7, 0.6], objective=objective)
    over_trials, over_time = scores(board, objective=objective).axes
    (line,) = over_trials.lines
    assert line.get_ydata().tolist() == [*best, best[-1]] and line.get_xdata()[-1] == 5
    assert over_time.get_xlabel().startswith("minutes") and over_time.lines[0].get_xdata()[-1] == 60  # 6 of 10 minutes
    marks = {text.get_text() for text in scores(board, objective=objective).legends[0].get_texts()}
    assert marks == {"trial", "best so far", "failed"}


@pytest.mark.parametrize(("seconds", "unit"), [(1.0, "seconds"), (60.0, "minutes"), (3600.0, "hours")])
def test_time_has_a_fitting_unit(seconds, unit):
    assert scores(leaderboard(4, seconds=seconds)).axes[1].get_xlabel().startswith(unit)
    assert len(scores(leaderboard(4, seconds=np.nan)).axes) == 1


@pytest.mark.parametrize(
    ("blank", "costs"),
    [
        ((), ["bytes of the .tflite file", "milliseconds a segment, on one thread"]),
        (("milliseconds",), ["bytes of the .tflite file", "multiply-adds a segment"]),
        (("tflite_bytes", "milliseconds"), ["parameters", "multiply-adds a segment"]),
        (("tflite_bytes", "milliseconds", "multiply_adds"), ["parameters"]),
    ],
)
def test_costs_that_are_blank_are_replaced(blank, costs):
    figure = scores_over_costs(leaderboard(8, **dict.fromkeys(blank, np.nan)))
    assert [axes.get_xlabel() for axes in figure.axes] == costs


@pytest.mark.parametrize(("objective", "front"), [("val_accuracy", [0.3, 0.9]), ("val_loss", [0.3, 0.1])])
def test_the_front_is_joined_and_filled(objective, front):
    values = dict(
        score=[0.3, 0.1, 0.9, 0.2], tflite_bytes=[10.0, 20, 30, 40], milliseconds=np.nan, multiply_adds=np.nan
    )
    board = leaderboard(4, objective=objective, deviation=np.nan, **values)
    axes = scores_over_costs(board, objective=objective).axes[0]
    assert axes.lines[0].get_ydata().tolist() == front
    points = axes.collections[0]
    filled = points.get_offsets()[np.asarray(points.get_facecolors())[:, 3] > 0][:, 1]
    assert set(filled) == set(front)


def test_trials_that_are_not_told_apart_from_the_best_have_their_own_colour():
    near = leaderboard(6, deviation=np.nan)
    near["within_noise"] = [True, True, False, None, False, False]
    axes = scores_over_costs(near).axes[0]
    assert len({tuple(colour) for colour in axes.collections[0].get_edgecolors()}) == 2
    assert "not told apart from the best" in texts(scores_over_costs(near))
    assert "not told apart from the best" not in texts(scores_over_costs(leaderboard(6)))


def test_coordinates_leave_out_what_is_constant_and_show_what_is_blank():
    board = leaderboard(12, **{"training.batch_size": 32})
    figure = parallel_coordinates(board)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        "network.\nname", "network.\nfilters", "network.\ndense.0", "training.\nlearning_rate", "score",
    ]  # fmt: skip
    lines = [line for line in axes.lines if len(line.get_xdata()) == 5]
    assert len(lines) == 12 and all(np.isfinite(line.get_ydata()).all() for line in lines)
    assert all((line.get_ydata()[1] < 0) != (line.get_ydata()[2] < 0) for line in lines)  # one of the two applies
    wide = board.assign(**{f"frontend.key_{number}": np.arange(12) for number in range(12)})
    rows = parallel_coordinates(wide).axes
    assert len(rows) == 3 and all(axes.get_xticklabels()[-1].get_text() == "score" for axes in rows)


def test_a_better_score_is_higher_also_if_it_is_a_loss():
    board = leaderboard(6, objective="val_loss")
    ends = [line.get_ydata()[-1] for line in parallel_coordinates(board, objective="val_loss").axes[0].lines[:6]]
    assert ends == sorted(ends) and ends[-1] == 1  # the best is drawn last


@pytest.mark.parametrize("key", ["training.learning_rate", "network.name", "network.dense.0", "network.filters"])
def test_the_key_that_matters_is_found_among_blanks(key):
    board = leaderboard(30)
    noise = np.random.default_rng(1).normal(0, 0.02, 30)
    if key == "training.learning_rate":
        effect = -0.1 * (np.log10(board[key]) + 2.5) ** 2
    elif key == "network.dense.0":
        effect = board[key].map({16: -0.2, 32: 0.0, 64: 0.2}).fillna(0)
    else:
        effect = board[key].map({"dense": 0.2, "[8, 16]": 0.2, "[16, 32]": -0.2}).fillna(0)
    board["score"] = 0.6 + effect + noise
    shares = importance.importances(board)
    assert next(iter(shares)) == key and sum(shares.values()) == pytest.approx(1)


def test_importance_takes_the_trials_with_the_most_epochs_alone():
    short = leaderboard(24, epochs=[8] * 12 + [3] * 12)
    assert len(importance.comparable(short)) == 12
    assert "(12 trials)" in hyperparameter_importance(short).axes[0].get_xlabel()
    fewer = leaderboard(24, epochs=[8] * 9 + [3] * 15)
    assert hyperparameter_importance(fewer) is None
    assert "Fewer than 10 different trials with the most epochs" in importance.why_unknown(fewer)


def test_the_page_says_why_there_are_no_importances(finished, tmp_path, monkeypatch):
    assert importance.why_unknown(leaderboard(12)) == ""
    assert "Fewer than 10 different trials have finished" in importance.why_unknown(leaderboard(9))
    assert "alike" in importance.why_unknown(leaderboard(12, score=0.5))
    run = written_search(finished, tmp_path / "run")
    monkeypatch.setitem(sys.modules, "optuna", None)
    reporting.write_page(run)
    page = run.file("report").read_text()
    assert (
        "pip install &#39;kerasinst[optuna]&#39;" in page
        and not (run.file("figures") / "search-importance.png").exists()
    )


def test_refused_draws_are_counted_by_their_limits():
    assert refused_draws(pd.DataFrame({"limit": []})) == ""
    assert refused_draws(pd.DataFrame({"limit": ["parameters"]})) == (
        "1 draw was refused before training: 1 by the limit on parameters."
    )
    many = refused_draws(pd.DataFrame({"limit": ["tflite_bytes", "milliseconds", "tflite_bytes"]}))
    assert (
        many == "3 draws were refused before training: 2 by the limit on tflite bytes, 1 by the limit on milliseconds."
    )


def written_search(finished: Run, folder) -> Run:
    """A finished run with 24 trials, of which the first is the experiment as it is written."""
    run = Run(shutil.copytree(finished.path, folder))
    run.write_experiment(run.experiment().override({"network.dropout": 0.3}))
    board = leaderboard().drop(columns=["network.name", "network.filters", "network.dense.0", "training.learning_rate"])
    run.write_table(
        "leaderboard", board.assign(**{"network.dropout": board.trial_id.map([0.3, *[0.0, 0.1] * 12].__getitem__)})
    )
    return run


def test_the_page_shows_all_of_a_search(finished, tmp_path):
    run = written_search(finished, tmp_path / "run")
    pd.DataFrame({"limit": ["milliseconds"]}).to_csv(run.file("rejected"), index=False)
    reporting.write_page(run)
    page = run.file("report").read_text()
    for name, text in SAY.items():
        assert (run.file("figures") / f"search-{name}.png").is_file() and text in page
    assert "1 draw was refused before training" in page
    board = run.leaderboard()
    first = board[board.trial_id == 0].score.iloc[0]
    assert f"<td>val_accuracy</td><td>{first:.3f}</td><td>{board.score[0]:.3f}</td>" in page
    best = formatting.hyperparameter(board["network.dropout"][0])
    assert f"<td>network.dropout</td><td>0.3</td><td>{best}</td>" in page
    assert "These are the best 20 of 24 rows" in page


def test_classical_models_are_no_trials_in_figures(tmp_path):
    table = leaderboard()
    both = pd.concat([MODELS.head(1), table, MODELS.tail(1)], ignore_index=True)
    assert drawn(both, tmp_path / "both") == drawn(table, tmp_path / "trials")
    plain, figure = scores(table), scores(both)
    for mine, other in zip(figure.axes, plain.axes, strict=True):
        assert mine.get_xlim() == other.get_xlim()
        places = [np.asarray(axes.collections[-1].get_offsets()) for axes in (mine, other)]
        np.testing.assert_allclose(*places)
        (line,) = [line for line in mine.lines if line.get_linestyle() == ":"]
        assert set(line.get_ydata()) == {0.83}
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "best classical model" in named and "failed" not in named
