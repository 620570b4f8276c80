"""Makes the table of the best trials of a search."""

from typing import Any

import numpy as np
import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.run_data import RunData
from kerasinst.reporting.tables.table import Table
from kerasinst.runs.artifacts import TRIAL_COLUMNS

TRIALS = 10
"""Largest number of trials that the table shows."""


def search_table(run_data: RunData) -> Table:
    """Makes the table of the best trials of a run's search.

    Args:
        run_data: data of a run that holds a leaderboard.
    """
    trials = run_data.leaderboard
    table = trials.head(TRIALS)
    shown = pd.DataFrame({name.replace("_", " "): table[name].map(_cell) for name in table})
    about = (name.replace("_", " ") for name in TRIAL_COLUMNS if name in table and name != "score")
    shown = formatting.without_unknown(shown, *about)
    caption = f"{run_data.name}: the best {len(table)} of {len(trials)} rows of its leaderboard, by validation."
    return Table(f"search-{run_data.key}", caption, shown, trials)


def _cell(value: Any) -> str:
    """Formats a value of a trial: whole numbers in full, other numbers with three significant digits."""
    if isinstance(value, str | bool | np.bool_):
        return str(value)
    return formatting.count(value) if not pd.isna(value) and float(value).is_integer() else formatting.number(value)
