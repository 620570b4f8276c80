"""Finds the trials that no other trial beats in all objectives."""

from collections.abc import Mapping

import numpy as np
import pandas as pd


def pareto_front(costs: pd.DataFrame, signs: Mapping[str, int]) -> pd.Series:
    """Tells which rows no other row beats: none is at least as good in every column and better in one.

    Args:
        costs: one column for each objective; rows with missing values are on no front.
        signs: 1 for columns of which more is better, -1 for others.

    Returns:
        True or False, or NA where a value is missing.

    Example:
        >>> trials = pd.DataFrame({"score": [0.9, 0.8, 0.7], "tflite_bytes": [2000, 1000, 3000]})
        >>> pareto_front(trials, {"score": 1, "tflite_bytes": -1}).tolist()
        [True, True, False]
    """
    known = costs.notna().all(axis=1)
    values = np.stack([costs.loc[known, name].to_numpy(float) * sign for name, sign in signs.items()], axis=1)
    beaten = [((values >= row).all(axis=1) & (values > row).any(axis=1)).any() for row in values]
    front = pd.Series(pd.NA, index=costs.index, dtype="boolean")
    front[known] = ~np.array(beaten, bool)
    return front
