"""What a person sees while a search runs."""

import io
import itertools
from types import MappingProxyType

import pandas as pd
from rich.console import Console
from rich.text import Text

from kerasinst.core import console
from kerasinst.reporting.live_leaderboard import live_leaderboard

BOARD = pd.DataFrame(
    {
        "trial_id": ["1", "0", "2"],
        "status": ["COMPLETED", "COMPLETED", "FAILED"],
        "score": [0.75, 0.5, float("nan")],
        "deviation": [0.021, float("nan"), float("nan")],
        "parameters": pd.array([1200, 900, None], dtype="Int64"),
        "tflite_bytes": pd.array([23456, None, None], dtype="Int64"),
        "milliseconds": [0.317, float("nan"), float("nan")],
        "seconds": [3.2, 2.0, float("nan")],
        "epochs": pd.array([8, 8, None], dtype="Int64"),
        "reason": ["", "", "out of memory"],
        "training.learning_rate": [0.00123456, 0.001, 0.02],
        "training.augment": [[{"mixup": {"alpha": 0.3}}], [], []],
    }
)


def _searched(monkeypatch, running=MappingProxyType({}), width=120, **options) -> str:
    shown = io.StringIO()
    monkeypatch.setattr(console, "remarks", Console(file=shown, width=width, height=30, **options))
    with live_leaderboard(trials=3, epochs=8) as show:
        for finished in ([1], [0, 1], [0, 1, 2]):
            show.running(running)
            show.trial(BOARD.iloc[finished])
    return shown.getvalue()


def test_a_log_gets_one_line_a_trial(monkeypatch):
    lines = [line for line in _searched(monkeypatch).splitlines() if line.startswith("trial ")]
    assert lines == [
        "trial 0 (1 of 3): 0.500, 2 s (learning_rate 0.001; augment none)",
        "trial 1 (2 of 3): 0.750 ±0.021, 3 s (learning_rate 0.00123; augment mixup alpha 0.3)",
        "trial 2 (3 of 3): failed: out of memory (learning_rate 0.02; augment none)",
    ]


def test_a_terminal_shows_the_trials_as_a_table_best_first(monkeypatch):
    last = _searched(monkeypatch, force_terminal=True).rpartition("parameters")[2]
    assert last.index("0.750") < last.index("0.500") < last.index("out of memory")
    assert "3/3" in last and "best 0.750, 1 failed" in last
    plain = " ".join(Text.from_ansi(last[: last.index("mixup")]).plain.split())
    assert plain == "kB ms s values 1 0.750 ±0.021 1,200 23 0.32 3 learning_rate 0.00123, augment"


def test_classical_models_are_listed_but_are_no_trials(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(console, "remarks", Console(file=shown, width=120))
    row = {"trial_id": "svm_rbf", "status": "BASELINE", "score": 0.9, "seconds": 1.4, "reason": ""}
    board = pd.concat([pd.DataFrame([row]), BOARD.iloc[[0, 1]]], ignore_index=True)
    with live_leaderboard(trials=3, epochs=8) as show:
        show.rejected(pd.DataFrame({"limit": ["parameters"] * 4}))
        show.trial(board)
    lines = shown.getvalue().splitlines()
    assert "svm_rbf: 0.900, 1 s (a classical model)" in lines
    assert any(line.startswith("trial 1 (2 of 3): 0.750") for line in lines)
    assert any("2/3" in line and "best 0.750, 4 redrawn" in line for line in lines)


def test_a_terminal_shows_the_curves_of_the_trials_that_run(monkeypatch, tmp_path):
    for name, scores in (("trial_7", [0.1, 0.3, 0.2]), ("trial_8", [])):
        (tmp_path / name).mkdir()
        if scores:
            history = pd.DataFrame({"seed": 1, "epoch": [1, 2, 3], "loss": 1.0, "val_accuracy": scores})
            history.to_csv(tmp_path / name / "history.csv", index=False)
    folders = {"7": tmp_path / "trial_7", "8": tmp_path / "trial_8"}
    with open(tmp_path / "trial_7" / "history.csv", "a") as file:
        file.write("1,4,,\n")  # the loss is no number any more
    shown = _searched(monkeypatch, folders, force_terminal=True)
    assert "trial 7 runs  epoch 4/8  ▁█▅   val_accuracy nan" in shown and "trial 8 runs  epoch 0/8" in shown


def test_an_80_column_terminal_gets_one_line_a_trial(monkeypatch):
    shown = _searched(monkeypatch, width=80, force_terminal=True).rpartition("parameters")[2]
    lines = list(itertools.takewhile(lambda line: "searching" not in line, shown.splitlines()[1:]))
    assert len([line for line in lines if line.strip()]) == 3


def test_a_quiet_search_shows_nothing(monkeypatch):
    assert _searched(monkeypatch, quiet=True) == ""
