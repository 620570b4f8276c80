"""Progress bars on stderr."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from kerasinst.core import console
from kerasinst.core.progress import Advance, epoch_note

LAST_EPOCHS = 12
"""Rows of the table that is shown while a network trains."""


def bars() -> RichProgress:
    """Bars on stderr that a block may add tasks to and move."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return RichProgress(
        *columns, TextColumn("{task.fields[note]}"), console=console.remarks, disable=console.remarks.quiet
    )


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Advance]:
    """A bar that shows one piece of work; it is a `Progress`.

    Example:
        >>> with progress_bar("decoding audio", total=100) as advance:
        ...     advance(3)
    """
    with bars() as shown:
        task = shown.add_task(description, total=total, note="")

        def advance(steps: int = 1, *, note: str = "") -> None:
            shown.update(task, advance=steps, note=note)

        yield advance


@contextmanager
def epochs(description: str, total: int) -> Iterator[Callable[[dict], None]]:
    """A progress bar over epochs and a table of the last ones; yields what takes each row of the history."""
    if console.remarks.quiet or not console.remarks.is_terminal:
        with bars() as shown:
            task = shown.add_task(description, total=total, note="")
            yield lambda row: shown.update(task, advance=1, note=epoch_note(row))
        return
    shown = bars()
    rows: deque[dict] = deque(maxlen=LAST_EPOCHS)
    task = shown.add_task(description, total=total, note="")
    with Live(shown, console=console.remarks) as live:

        def show(row: dict) -> None:
            rows.append(row)
            shown.update(task, advance=1)
            live.update(Group(_epoch_table(rows), shown))

        yield show


def _epoch_table(rows: Iterable[dict]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    rows = list(rows)
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row.values()))
    return table


class Stages:
    """A progress bar over named pieces of work, some of which train."""

    def __init__(self, bars: RichProgress, description: str, *, total: int):
        self.bars = bars
        self.task = bars.add_task(description, total=total, note="")
        self.name = ""

    def next(self, name: str) -> None:
        """Says what begins; what was begun before counts as done."""
        self.bars.update(self.task, advance=1 if self.name else 0, note=name)
        self.name = name

    def epoch(self, row: dict) -> None:
        """Shows an epoch of what was begun."""
        self.bars.update(self.task, note=f"{self.name}, epoch {row['epoch']}, {epoch_note(row)}")


@contextmanager
def stages(description: str, total: int) -> Iterator[Stages]:
    """A progress bar over named pieces of work."""
    with bars() as shown:
        work = Stages(shown, description, total=total)
        yield work
        shown.update(work.task, completed=total, note="")
