"""Progress of long work, told to whoever wants to show it."""

from collections.abc import Iterable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Advance(Protocol):
    """Is told that some steps are done, perhaps with a remark on the last of them."""

    def __call__(self, steps: int = 1, *, note: str = "") -> None: ...


class Progress(Protocol):
    """Shows one piece of work: `with progress("decoding audio", total=100) as advance: advance(3)`."""

    def __call__(self, description: str, total: int) -> AbstractContextManager[Advance]: ...


@contextmanager
def silent(description: str, total: int) -> Iterator[Advance]:
    """Shows nothing: what functions do unless they are given something else.

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
    """Yields the items while `progress` counts them.

    Args:
        items: items of any kind.
        description: what the work is called.
        progress: is told of each item that is done.
        total: how many items there are; None takes their length.

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
    """What a row of a history says in a few characters.

    Example:
        >>> epoch_note({"epoch": 3, "loss": 0.4, "val_accuracy": 0.81})
        'val_accuracy 0.810'
    """
    name = next(name for name in ("val_accuracy", "accuracy", "loss") if name in row)
    return f"{name} {row[name]:.3f}"
