"""What a person sees while a verb works: remarks and progress on stderr, result tables on stdout."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pandas as pd
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Item = TypeVar("Item")

LAST_EPOCHS = 12
"""Rows of the table that is shown while a network trains."""

results = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
remarks = Console(stderr=True, highlight=False)
_said: set[str] = set()


def say(text: str) -> None:
    """Prints a remark, unless `--quiet`."""
    remarks.print(text, markup=False, soft_wrap=True)


def say_once(text: str) -> None:
    """Prints a remark the first time that it is made: trials and seeds would repeat it."""
    if text not in _said:
        _said.add(text)
        say(text)


def complain(text: str) -> None:
    """Prints what went wrong with one file, quiet or not."""
    print(f"kerasinst: {text}", file=sys.stderr)


@contextmanager
def progress() -> Iterator[Progress]:
    """A set of progress bars on stderr that a block may add tasks to and move."""
    with _bars() as bars:
        yield bars


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, TextColumn("{task.fields[note]}"), console=remarks, disable=remarks.quiet)


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yields the items while a progress bar counts them."""
    with progress() as bars:
        task = bars.add_task(description, total=len(items) if total is None else total, note="")
        for item in items:
            yield item
            bars.advance(task)


@contextmanager
def epochs(description: str, total: int) -> Iterator[Callable[[dict], None]]:
    """A progress bar over epochs and a table of the last ones; yields what takes each row of the history."""
    if remarks.quiet or not remarks.is_terminal:
        with progress() as bars:
            task = bars.add_task(description, total=total, note="")
            yield lambda row: bars.update(task, advance=1, note=_note(row))
        return
    bars, rows = _bars(), deque(maxlen=LAST_EPOCHS)
    task = bars.add_task(description, total=total, note="")
    with Live(bars, console=remarks) as live:

        def show(row: dict) -> None:
            rows.append(row)
            bars.update(task, advance=1)
            live.update(Group(_epoch_table(rows), bars))

        yield show


def _note(row: dict) -> str:
    name = next(name for name in ("val_accuracy", "accuracy", "loss") if name in row)
    return f"{name} {row[name]:.3f}"


def _epoch_table(rows: Iterable[dict]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    rows = list(rows)
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row.values()))
    return table


class Trials:
    """A search as it goes: in a terminal, a table of its trials over progress bars; in a log, a line a trial.

    Args:
        bars: that trials and epochs are added to.
        trials: that will be made.
        epochs: of each.
        refresh: is called with the leaderboard after each trial.
    """

    def __init__(self, bars: Progress, trials: int, epochs: int, refresh: Callable[[pd.DataFrame], None] | None = None):
        self.bars = bars
        self.refresh = refresh or self._log
        self.total = trials
        self.tensorboard_logs: set[str] = set()
        self.trials = bars.add_task("searching", total=trials, note="")
        self.epochs = bars.add_task("  this trial", total=epochs, note="")

    def epoch(self, row: dict) -> None:
        """Moves the bar of the running trial."""
        note = _note(row)
        self.bars.update(self.epochs, completed=row["epoch"], note=note)

    def trial(self, leaderboard: pd.DataFrame) -> None:
        """Shows what is new in the leaderboard."""
        best = leaderboard.score.iloc[0] if len(leaderboard) else float("nan")
        self.bars.update(self.trials, completed=len(leaderboard), note=f"best {best:.3f}")
        self.bars.reset(self.epochs, note="")
        self.refresh(leaderboard)

    def _log(self, leaderboard: pd.DataFrame) -> None:
        for row in leaderboard.sort_values("trial_id").to_dict("records"):
            if row["trial_id"] not in self.tensorboard_logs:
                self.tensorboard_logs.add(row["trial_id"])
                values = "; ".join(f"{key} {value}" for key, value in hyperparameters(row).items())
                score, _, seconds = _trial_cells(row)
                result = f"{score}, {seconds} s" if seconds else score
                say(f"trial {len(self.tensorboard_logs)} of {self.total}: {result} ({values})")


def short(value: object) -> str:
    """The value of a hyperparameter as a table shows it.

    Example:
        >>> short(0.00123456), short([{"mixup": {"alpha": 0.3}}]), short([])
        ('0.00123', 'mixup alpha 0.3', 'none')
    """
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return " ".join(" ".join(filter(None, (str(key), short(inner)))) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(short, value)) if value else "none"
    return str(value)


def hyperparameters(row: dict[str, object]) -> dict[str, str]:
    """Those of a trial, by their names without the section: `learning_rate` for `training.learning_rate`."""
    return {key.partition(".")[2]: short(value) for key, value in row.items() if "." in key}


def _trial_cells(row: dict) -> tuple[str, str, str]:
    """Score, parameters and seconds of a row of the leaderboard."""
    if row["score"] != row["score"]:
        return row["status"].lower(), "", ""
    return f"{row['score']:.3f}", f"{row['parameters']:,}", f"{row['seconds']:.0f}"


def _trial_table(leaderboard: pd.DataFrame, most: int) -> Table:
    """The best trials, as many as fit."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    rows = leaderboard.head(most).to_dict("records")
    for name in ("trial", "score", "parameters", "s", *(hyperparameters(rows[0]) if rows else ())):
        table.add_column(name, justify="right", overflow="fold")
    for number, row in enumerate(rows):
        cells = (str(row["trial_id"]), *_trial_cells(row), *hyperparameters(row).values())
        table.add_row(*map(Text, cells), style="bold" if not number else "")
    return table


class Stages:
    """A progress bar over named pieces of work, some of which train."""

    def __init__(self, bars: Progress, description: str, total: int):
        self.bars = bars
        self.task = bars.add_task(description, total=total, note="")
        self.name = ""

    def next(self, name: str) -> None:
        """Says what begins; what was begun before counts as done."""
        self.bars.update(self.task, advance=1 if self.name else 0, note=name)
        self.name = name

    def epoch(self, row: dict) -> None:
        """Shows an epoch of what was begun."""
        self.bars.update(self.task, note=f"{self.name}, epoch {row['epoch']}, {_note(row)}")


@contextmanager
def stages(description: str, total: int) -> Iterator[Stages]:
    """A progress bar over named pieces of work."""
    with progress() as bars:
        shown = Stages(bars, description, total)
        yield shown
        bars.update(shown.task, completed=total, note="")


@contextmanager
def trials(trials: int, epochs: int) -> Iterator[Trials]:
    """What shows a search as it goes."""
    if remarks.quiet or not remarks.is_terminal:
        with progress() as bars:
            yield Trials(bars, trials, epochs)
        return
    bars = _bars()
    with Live(bars, console=remarks) as live:
        most = max(5, remarks.height - 6)
        yield Trials(bars, trials, epochs, lambda board: live.update(Group(_trial_table(board, most), bars)))


def show_table(title: str, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Prints a result table on stdout: text left, numbers right, nothing cut off."""
    rows = [[str(cell) for cell in row] for row in rows]
    if title:
        results.print(title, style="bold", markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        text = all(not row[index][:1].isdigit() for row in rows)
        table.add_column(column, justify="left" if text else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    results.print(table)


def show_facts(rows: Iterable[tuple[str, str]]) -> None:
    """Prints names and values on stdout, one pair a line however long, so that paths can be copied."""
    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        results.print(f"{name:<{width}}  {value}", markup=False, soft_wrap=True)
