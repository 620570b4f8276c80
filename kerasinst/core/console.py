"""Prints remarks on stderr, and results on stdout."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kerasinst.core.errors import one_line

results = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
"""Console of results, on stdout."""
remarks = Console(stderr=True, highlight=False)
"""Console of remarks and progress, on stderr."""
_said: set[str] = set()


def quieten(quiet: bool) -> None:
    """Turns remarks and progress off, or on again.

    Args:
        quiet: whether they are turned off.
    """
    remarks.quiet = quiet


def say(text: str) -> None:
    """Prints a remark on stderr, unless remarks are turned off.

    Args:
        text: the remark.
    """
    remarks.print(text, markup=False, soft_wrap=True)


def say_once(text: str) -> None:
    """Prints a remark only once in a process, even if each trial or seed makes it.

    Args:
        text: the remark.
    """
    if text not in _said:
        _said.add(text)
        say(text)


@contextmanager
def passing(text: str) -> Iterator[None]:
    """Shows a remark in a terminal while the block runs.

    Args:
        text: the remark.
    """
    shown = remarks.is_terminal and not remarks.quiet
    if shown:
        remarks.print(text, end="\r")
    try:
        yield
    finally:
        if shown:
            remarks.print(" " * len(text), end="\r")


def complain(text: str) -> None:
    """Prints a problem on stderr, even if remarks are turned off.

    Args:
        text: text that says what is wrong.
    """
    print(f"kerasinst: {one_line(text)}", file=sys.stderr)


def show_table(title: str, columns: list[str], *, rows: Iterable[Iterable[object]]) -> None:
    """Prints a table of results on stdout. Long cells are wrapped, never cut off.

    Args:
        title: title above the table; "" is none.
        columns: names of the columns.
        rows: cells of each row. Columns in which a cell begins with a digit are aligned to the right.
    """
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
    """Prints names and values on stdout, one pair per line. Long lines are not wrapped, so that paths can be copied.

    Args:
        rows: pairs of a name and a value, at least one.
    """
    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        results.print(f"{name:<{width}}  {value}", markup=False, soft_wrap=True)
