"""Measures how long a function takes."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def milliseconds(work: Callable[[], Any], rounds: int = 30) -> float:
    """Measures the median time of one call, after three calls that are not counted.

    The median is little changed by other work on the same machine.

    Args:
        work: function that is timed.
        rounds: number of calls that are counted.

    Returns:
        The time in milliseconds, rounded to three digits.

    Example:
        >>> milliseconds(lambda: tagger.score(segment))
        1.8
    """
    for _ in range(3):
        work()
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return round(1000 * statistics.median(seconds), 3)
