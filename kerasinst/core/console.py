"""What a person sees while a verb works: remarks on stderr, result tables on stdout."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

results = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
remarks = Console(stderr=True, highlight=False)
_said: set[str] = set()


def quieten(quiet: bool) -> None:
    """Turns remarks and progress off."""
    remarks.quiet = quiet


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


def show_table(title: str, columns: list[str], *, rows: Iterable[Iterable[object]]) -> None:
    """Prints a result table on stdout: text left, numbers right, nothing cut off."""
    cells = [[str(cell) for cell in row] for row in rows]
    if title:
        results.print(title, style="bold", markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        text = all(not row[index][:1].isdigit() for row in cells)
        table.add_column(column, justify="left" if text else "right", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    results.print(table)


def show_facts(rows: Iterable[tuple[str, str]]) -> None:
    """Prints names and values on stdout, one pair a line however long, so that paths can be copied."""
    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        results.print(f"{name:<{width}}  {value}", markup=False, soft_wrap=True)
