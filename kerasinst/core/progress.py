"""Reports the progress of long work to whatever shows it."""

from collections.abc import Iterable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")

SHOWN = ("val_mean_average_precision", "val_macro_f1", "val_missed_and_false", "val_accuracy", "accuracy", "loss")
"""Figures of an epoch that progress bars show; the history of a training has what it is monitored by, and the last."""


class Advance(Protocol):
    """A function that is called when some steps are done, perhaps with a note on the last of them."""

    def __call__(self, steps: int = 1, *, note: str = "") -> None: ...


class Progress(Protocol):
    """A function that shows one piece of work: `with progress("decoding audio", total=100) as advance: advance(3)`."""

    def __call__(self, description: str, total: int) -> AbstractContextManager[Advance]: ...


@contextmanager
def silent(description: str, total: int) -> Iterator[Advance]:
    """Shows nothing; the default `Progress` of all functions.

    Args:
        description: name of the work.
        total: number of steps.

    Example:
        >>> with silent("decoding audio", total=2) as advance:
        ...     advance()
    """

    def advance(steps: int = 1, *, note: str = "") -> None:
        pass

    yield advance


def track(
    items: Iterable[Item], description: str, *, progress: Progress = silent, total: int | None = None
) -> Iterator[Item]:
    """Yields items, and reports each one that is done.

    Args:
        items: items of any kind.
        description: name of the work.
        progress: shows how many items are done.
        total: number of items; None takes their length, or 0 if they have none.

    Example:
        >>> list(track([1, 2], "counting"))
        [1, 2]
    """
    if total is None:
        total = len(items) if isinstance(items, Sized) else 0
    with progress(description, total) as advance:
        for item in items:
            yield item
            advance()


def epoch_note(row: dict) -> str:
    """Formats a figure of an epoch for a progress bar.

    Args:
        row: row of a history, of which the first figure of `SHOWN` that it has is shown.

    Example:
        >>> epoch_note({"epoch": 3, "loss": 0.4, "val_accuracy": 0.81})
        'val_accuracy 0.810'
    """
    name = next(name for name in SHOWN if name in row)
    return f"{name} {row[name]:.3f}"
