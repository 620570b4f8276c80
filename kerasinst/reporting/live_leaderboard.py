"""Shows the trials of a running search: a terminal gets tables and a progress bar, a log one line for each trial."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from kerasinst.core import console
from kerasinst.core.progress import epoch_note
from kerasinst.core.progress_bars import bars
from kerasinst.reporting.formatting import hyperparameters
from kerasinst.runs.artifacts import ARTIFACTS, BASELINE

HEIGHTS = "▁▂▃▄▅▆▇█"
"""Characters of a curve in one line."""
LAST_EPOCHS = 20
"""Number of epochs that a curve shows."""


class LiveLeaderboard:
    """Shows the trials of a running search.

    Args:
        bars: progress bars, to which a bar for trials is added.
        trials: number of trials.
        epochs: number of epochs of each trial.
        refresh: function that is called with what is to be shown above the bars; None prints one line for each trial.
        height: number of lines for all tables.
    """

    def __init__(
        self,
        bars: RichProgress,
        *,
        trials: int,
        epochs: int,
        refresh: Callable[[RenderableType], None] | None = None,
        height: int = 20,
    ):
        self.bars, self.refresh, self.height = bars, refresh, height
        self.total, self.epochs = trials, epochs
        self.logged: set[str] = set()
        self.leaderboard = pd.DataFrame()
        self.histories: dict[str, list[dict]] = {}
        self.redrawn = self.baselines = 0
        self.task = bars.add_task("searching", total=trials, note="")

    def running(self, folders: dict[str, Path]) -> None:
        """Shows the curves of the trials that run.

        Args:
            folders: folder of each trial, by its id.
        """
        self.histories = {trial_id: _history(folder) for trial_id, folder in folders.items()}
        self._draw()

    def trial(self, leaderboard: pd.DataFrame) -> None:
        """Shows the leaderboard after a trial has ended.

        Args:
            leaderboard: trials that have ended, as leaderboard.csv holds them.
        """
        self.leaderboard = leaderboard
        ended = leaderboard["trial_id"].tolist()
        self.histories = {trial_id: rows for trial_id, rows in self.histories.items() if trial_id not in ended}
        self._draw()
        if self.refresh is None:
            self._log()

    def rejected(self, rejected: pd.DataFrame) -> None:
        """Shows how many values were drawn again since their network was over a limit.

        Args:
            rejected: values that were refused, as rejected.csv holds them.
        """
        self.redrawn = len(rejected)
        self._draw()

    def _draw(self) -> None:
        """Brings the bar and, in a terminal, the tables up to date."""
        board = self.leaderboard
        trials = board[board.status != BASELINE] if len(board) else board
        failed = int(trials.score.isna().sum()) if len(trials) else 0
        notes = [f"best {trials.score.iloc[0]:.3f}"] if len(trials) > failed else []
        notes += [f"{failed} failed"] if failed else []
        notes += [f"{self.redrawn} redrawn"] if self.redrawn else []
        self.total = max(self.total, len(trials) + len(self.histories))  # rounds of hyperband come on top
        self.bars.update(self.task, completed=len(trials), total=self.total, note=", ".join(notes))
        if self.refresh:
            running = _running_table(self.histories, self.epochs)
            self.refresh(Group(_trial_table(board, max(3, self.height - len(self.histories))), running, self.bars))

    def _log(self) -> None:
        """Prints one line for each trial that was not printed before."""
        for row in self.leaderboard.sort_values("trial_id").to_dict("records"):
            name = row["trial_id"]
            if name in self.logged:
                continue
            self.logged.add(name)
            score, *_, seconds = _trial_cells(row)
            if row["status"] == BASELINE:
                self.baselines += 1
                console.say(f"{name}: {score}, {seconds} s (a classical model)")
                continue
            values = "; ".join(f"{key} {value}" for key, value in hyperparameters(row).items())
            result = f"{score}, {seconds} s" if seconds else f"{score}: {row['reason']}"
            count = len(self.logged) - self.baselines
            console.say(f"trial {name} ({count} of {self.total}): {result} ({values})")


def _trial_cells(row: dict) -> tuple[str, str, str, str, str]:
    """Formats the score, the costs and the seconds of a trial; a trial without a score shows its status alone."""
    if pd.isna(row["score"]):
        return row["status"].lower(), "", "", "", ""
    score = f"{row['score']:.3f}"
    if pd.notna(row["deviation"]):
        score += f" ±{row['deviation']:.3f}"
    parameters = "" if pd.isna(row["parameters"]) else f"{row['parameters']:,}"
    kilobytes = "" if pd.isna(row["tflite_bytes"]) else f"{row['tflite_bytes'] / 1000:,.0f}"
    milliseconds = "" if pd.isna(row["milliseconds"]) else f"{row['milliseconds']:.2f}"
    return score, parameters, kilobytes, milliseconds, f"{row['seconds']:.0f}"


def _trial_table(leaderboard: pd.DataFrame, most: int) -> Table:
    """Makes the table of the best trials, at most `most` of them, one line each."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for name in ("trial", "score", "parameters", "kB", "ms", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("values", no_wrap=True, overflow="ellipsis", ratio=1)
    for number, row in enumerate(leaderboard.head(most).to_dict("records")):
        *figures, seconds = _trial_cells(row)
        values = ", ".join(f"{key} {value}" for key, value in hyperparameters(row).items())
        cells = (row["trial_id"], *figures, seconds, row["reason"] if not seconds else values)
        table.add_row(*map(Text, map(str, cells)), style="bold" if not number else "")
    return table


def _running_table(histories: dict[str, list[dict]], epochs: int) -> Table:
    """Makes the table of the trials that run, with their curves."""
    table = Table(box=None, pad_edge=False, show_header=False, style="dim")
    for trial_id, rows in histories.items():
        if rows:
            name = "val_accuracy" if "val_accuracy" in rows[0] else "loss"
            curve = _curve([float(row[name] or "nan") for row in rows][-LAST_EPOCHS:])
            last = {key: float(value or "nan") for key, value in rows[-1].items()}
            table.add_row(f"trial {trial_id} runs", f"epoch {len(rows)}/{epochs}", curve, epoch_note(last))
        else:
            table.add_row(f"trial {trial_id} runs", f"epoch 0/{epochs}", "", "")
    return table


def _curve(values: list[float]) -> str:
    """Draws numbers as a line of characters, from the lowest to the highest."""
    known = [value for value in values if value == value]
    low, high = min(known, default=0.0), max(known, default=0.0)
    steps = [0.5 if high == low else (value - low) / (high - low) for value in values]
    return "".join(HEIGHTS[round(step * (len(HEIGHTS) - 1))] if step == step else " " for step in steps)


def _history(folder: Path) -> list[dict]:
    """Reads the history of a trial's last training, which has no rows before its first epoch has ended."""
    last_training = sorted(folder.glob("*-*/history.csv"))[-1:] or [ARTIFACTS["history"].within(folder)]
    try:
        with open(last_training[0], encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:
        return []


@contextmanager
def live_leaderboard(*, trials: int, epochs: int) -> Iterator[LiveLeaderboard]:
    """Shows a search while the block runs.

    Args:
        trials: number of trials.
        epochs: number of epochs of each trial.

    Yields:
        The `LiveLeaderboard` that is to be told of trials.
    """
    if console.remarks.quiet or not console.remarks.is_terminal:
        with bars() as shown:
            yield LiveLeaderboard(shown, trials=trials, epochs=epochs)
        return
    shown = bars()
    with Live(shown, console=console.remarks) as live:
        height = console.remarks.height - 6
        yield LiveLeaderboard(shown, trials=trials, epochs=epochs, refresh=live.update, height=height)
