"""What a person sees while a search runs."""

import io

import pandas as pd
from rich.console import Console

from kerasinst.core import console
from kerasinst.reporting.live_leaderboard import live_leaderboard

BOARD = pd.DataFrame(
    {
        "trial_id": ["1", "0", "2"],
        "status": ["COMPLETED", "COMPLETED", "FAILED"],
        "score": [0.75, 0.5, float("nan")],
        "parameters": pd.array([1200, 900, None], dtype="Int64"),
        "seconds": [3.2, 2.0, float("nan")],
        "training.learning_rate": [0.00123456, 0.001, 0.02],
        "training.augment": [[{"mixup": {"alpha": 0.3}}], [], []],
    }
)


def _searched(monkeypatch, **options) -> str:
    shown = io.StringIO()
    monkeypatch.setattr(console, "remarks", Console(file=shown, width=120, height=30, **options))
    with live_leaderboard(trials=3, epochs=2) as show:
        for finished in ([1], [0, 1], [0, 1, 2]):
            show.epoch({"epoch": 1, "val_accuracy": 0.5})
            show.trial(BOARD.iloc[finished])
    return shown.getvalue()


def test_a_log_gets_one_line_a_trial(monkeypatch):
    lines = [line for line in _searched(monkeypatch).splitlines() if line.startswith("trial ")]
    assert lines == [
        "trial 1 of 3: 0.500, 2 s (learning_rate 0.001; augment none)",
        "trial 2 of 3: 0.750, 3 s (learning_rate 0.00123; augment mixup alpha 0.3)",
        "trial 3 of 3: failed (learning_rate 0.02; augment none)",
    ]


def test_a_terminal_shows_the_trials_as_a_table_best_first(monkeypatch):
    last = _searched(monkeypatch, force_terminal=True).rpartition("learning_rate")[2]
    assert last.index("0.750") < last.index("0.500") < last.index("failed")
    assert "3/3" in last and "best 0.750" in last


def test_a_quiet_search_shows_nothing(monkeypatch):
    assert _searched(monkeypatch, quiet=True) == ""
