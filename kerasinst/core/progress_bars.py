"""Shows progress bars on stderr."""

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
"""Number of epochs in the table that is shown while a network trains."""


def bars() -> RichProgress:
    """Makes progress bars on stderr, which show nothing if remarks are turned off. Each task needs a field `note`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return RichProgress(
        *columns, TextColumn("{task.fields[note]}"), console=console.remarks, disable=console.remarks.quiet
    )


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Advance]:
    """Shows a bar for one piece of work. This function is a `Progress`.

    Args:
        description: name of the work.
        total: number of steps.

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
    """Shows a progress bar over epochs, and in a terminal a table of the last ones.

    Args:
        description: name of the work.
        total: number of epochs.

    Yields:
        Function that is to be called with each row of the history.
    """
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
    """Makes the table of the last epochs."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    rows = list(rows)
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row.values()))
    return table


class Stages:
    """A progress bar over named pieces of work, some of which train.

    Args:
        bars: progress bars, to which this bar is added.
        description: name of the whole work.
        total: number of pieces.
    """

    def __init__(self, bars: RichProgress, description: str, *, total: int):
        self.bars = bars
        self.task = bars.add_task(description, total=total, note="")
        self.name = ""

    def next(self, name: str) -> None:
        """Shows the name of the piece that begins, and counts the one before as done.

        Args:
            name: name of the piece.
        """
        self.bars.update(self.task, advance=1 if self.name else 0, note=name)
        self.name = name

    def epoch(self, row: dict) -> None:
        """Shows an epoch of the current piece.

        Args:
            row: row of the history of the piece.
        """
        self.bars.update(self.task, note=f"{self.name}, epoch {row['epoch']}, {epoch_note(row)}")


@contextmanager
def stages(description: str, total: int) -> Iterator[Stages]:
    """Shows a progress bar over named pieces of work.

    Args:
        description: name of the whole work.
        total: number of pieces.

    Yields:
        The `Stages` that are to be told which piece begins.
    """
    with bars() as shown:
        work = Stages(shown, description, total=total)
        yield work
        shown.update(work.task, completed=total, note="")
