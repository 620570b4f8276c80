"""The best trials of a search."""

from typing import Any

import numpy as np
import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.run_data import RunData
from kerasinst.reporting.tables.table import Table

TRIALS = 10
"""Rows that are shown."""


def search_table(run_data: RunData) -> Table:
    """The best trials of a search."""
    trials = run_data.leaderboard
    table = trials.head(TRIALS)
    shown = pd.DataFrame({name.replace("_", " "): table[name].map(_cell) for name in table})
    caption = f"{run_data.name}: the best {len(table)} of {len(trials)} trials, by validation."
    return Table(f"search-{run_data.key}", caption, shown, trials)


def _cell(value: Any) -> str:
    """A value of a trial: an integer as it is, another number in three digits."""
    if isinstance(value, str | bool | np.bool_):
        return str(value)
    return formatting.count(value) if not pd.isna(value) and float(value).is_integer() else formatting.number(value)
