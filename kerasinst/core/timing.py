"""How long something takes, on a machine that may be doing other things, too."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def milliseconds(work: Callable[[], Any], rounds: int = 30) -> float:
    """Median time of one call, after three that are not counted.

    Args:
        work: what is timed.
        rounds: calls that are counted.

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
