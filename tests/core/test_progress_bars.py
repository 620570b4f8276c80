"""What a person sees while a network trains."""

import io

from rich.console import Console

from kerasinst.core import console, progress_bars


def _shown(monkeypatch, **options) -> str:
    shown = io.StringIO()
    monkeypatch.setattr(console, "remarks", Console(file=shown, width=100, **options))
    with progress_bars.epochs("training", total=20) as on_epoch:
        for epoch in range(1, 21):
            on_epoch({"seed": 1, "epoch": epoch, "loss": 1 / epoch, "val_accuracy": epoch / 20, "seconds": 0.5})
    return shown.getvalue()


def test_a_terminal_shows_the_last_epochs_as_a_table(monkeypatch):
    last = _shown(monkeypatch, force_terminal=True).rpartition("seed")[2]
    assert "val_accuracy" in last and "20/20" in last
    assert "0.0500" in last and "1.0000" in last  # loss and accuracy of the last epoch
    assert "0.3333" not in last  # loss of the third, which has scrolled out


def test_a_pipe_is_told_the_last_value_only(monkeypatch):
    assert "val_accuracy 1.000" in _shown(monkeypatch)


def test_quiet_shows_nothing(monkeypatch):
    assert _shown(monkeypatch, quiet=True) == ""
