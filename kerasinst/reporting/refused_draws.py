"""Says how many draws of a search were refused, and why."""

import pandas as pd


def refused_draws(rejected: pd.DataFrame) -> str:
    """Says how many draws were refused before they were trained, and how many by each limit.

    Args:
        rejected: draws as rejected.csv holds them, each with the limit that refused it.

    Returns:
        A sentence, which is empty if none was refused.

    Example:
        >>> refused_draws(pd.DataFrame({"limit": ["parameters", "parameters", "milliseconds"]}))
        '3 draws were refused before training: 2 by the limit on parameters, 1 by the limit on milliseconds.'
    """
    counts = rejected.limit.value_counts()
    if counts.empty:
        return ""
    number = f"{len(rejected)} draw{'s were' if len(rejected) > 1 else ' was'} refused before training"
    parts = [f"{count} by the limit on {str(limit).replace('_', ' ')}" for limit, count in counts.items()]
    return f"{number}: {', '.join(parts)}."
