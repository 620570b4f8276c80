"""Work over all cores, in order, with little of it in memory at once."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import joblib

Item = TypeVar("Item")
Result = TypeVar("Result")

WINDOW = 16
"""Items per core that are worked on before their results are consumed."""


def in_order(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yields the results in the order of the items; at most a window of them waits in memory.

    Threads do the work, since decoding and resampling free the interpreter.

    Example:
        >>> list(in_order(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    cores = os.cpu_count() or 1
    with joblib.Parallel(n_jobs=cores, prefer="threads") as workers:
        for first in range(0, len(items), WINDOW * cores):
            yield from workers(joblib.delayed(function)(item) for item in items[first : first + WINDOW * cores])
