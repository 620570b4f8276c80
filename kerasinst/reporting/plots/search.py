"""Draws the trials of a search, and which hyperparameters matter."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from kerasinst.reporting.plots.layout import single, without_frame
from kerasinst.runs.artifacts import TRIAL_COLUMNS

ENOUGH = 10
"""Smallest number of finished trials for which the importance of hyperparameters is computed."""


def trials(leaderboard: pd.DataFrame, as_written: str | None = None) -> Figure:
    """Draws the scores of finished trials over their numbers of parameters. The point of the best trial is filled.

    Args:
        leaderboard: trials as leaderboard.csv holds them, of which at least one has a score.
        as_written: id of the trial of the experiment as it is written, which is marked by a cross, or None.
    """
    sound = leaderboard.dropna(subset=["score"])
    figure, axes = single(5, 3)
    axes.scatter(sound.parameters, sound.score, facecolors="none", edgecolors="C0")
    axes.scatter(sound.parameters[:1], sound.score[:1], color="C0", label=f"best: trial {sound.trial_id.iloc[0]}")
    if as_written is not None:
        first = sound[sound.trial_id.astype(str) == as_written]
        axes.scatter(first.parameters, first.score, marker="x", color="C7", label="as written")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.xaxis.set_minor_formatter(EngFormatter())
    axes.tick_params(axis="x", which="both", labelsize=8)
    axes.set_xlabel("parameters")
    axes.set_ylabel("validation score")
    without_frame(axes)
    axes.legend(fontsize=8, frameon=False)
    return figure


def parallel_coordinates(leaderboard: pd.DataFrame) -> Figure:
    """Draws parallel coordinates: one line per finished trial over its hyperparameters and its score.

    Lines of better trials are darker and thicker.

    Args:
        leaderboard: trials as leaderboard.csv holds them, of which at least one has a score.
    """
    trials = leaderboard.dropna(subset=["score"]).iloc[::-1]
    names = [*_hyperparameters(leaderboard), "score"]
    figure = Figure(figsize=(1.5 * len(names) + 0.8, 3.4), layout="tight")
    axes = figure.subplots()
    heights = np.stack([_place(axes, index, trials[name]) for index, name in enumerate(names)])
    span = max(float(np.ptp(trials.score)), 1e-9)
    for trial, score in enumerate((trials.score - trials.score.min()) / span):
        style = dict(color=colormaps["viridis_r"](score), linewidth=0.8 + 1.4 * score, alpha=0.9)
        axes.plot(range(len(names)), heights[:, trial], **style)
    axes.set_xticks(range(len(names)), names, fontsize=8, rotation=15)
    axes.set_xlim(-0.1, len(names) - 0.6)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    for index in range(len(names)):
        axes.axvline(index, color="#999999", linewidth=0.8, zorder=0)
    return figure


def _place(axes: Axes, index: int, column: pd.Series) -> np.ndarray:
    """Writes the values of one coordinate beside its axis, and returns the height of each trial, from 0 to 1."""
    if _is_number(column):
        low, high = column.min(), column.max()
        logarithmic = low > 0 and high / low > 10
        values = np.log(column) if logarithmic else column
        ends = [(0, f"{low:.3g}"), (1, f"{high:.3g}")] if high > low else [(0.5, f"{low:.3g}")]
        heights = (values - values.min()) / np.ptp(values) if high > low else values * 0 + 0.5
    else:
        texts = column.astype(str)
        different = sorted(texts.unique())
        steps = np.linspace(0, 1, len(different)) if len(different) > 1 else [0.5]
        ends = list(zip(steps, different, strict=True))
        heights = texts.map(dict(zip(different, steps, strict=True)))
    for height, text in ends:
        box = dict(boxstyle="square,pad=0.1", color="white", alpha=0.7)
        axes.text(index + 0.03, height, text, fontsize=8, va="center", bbox=box, parse_math=False)
    return heights.to_numpy(float)


def hyperparameter_importance(leaderboard: pd.DataFrame) -> Figure | None:
    """Draws how much worse a random forest predicts the scores of trials when one hyperparameter is shuffled.

    Args:
        leaderboard: trials as leaderboard.csv holds them.

    Returns:
        The figure, or None if fewer than `ENOUGH` trials have a score, or all scores or all values are the same.

    Source: Breiman, Random Forests (2001), section 10; for hyperparameters, Hutter et al., An Efficient Approach for
        Assessing Hyperparameter Importance (ICML 2014), who take shares of a forest's variance instead.
    """
    trials = leaderboard.dropna(subset=["score"])
    names = [name for name in _hyperparameters(leaderboard) if trials[name].astype(str).nunique() > 1]
    if len(trials) < ENOUGH or not names or trials.score.nunique() < 2:
        return None
    columns = [trials[name] if _is_number(trials[name]) else pd.factorize(trials[name], sort=True)[0] for name in names]
    values = np.column_stack(columns).astype(float)
    forest = RandomForestRegressor(50, random_state=0).fit(values, trials.score)
    found = permutation_importance(forest, values, trials.score, n_repeats=10, random_state=0)
    order = np.argsort(found.importances_mean)
    figure = Figure(figsize=(5, 0.9 + 0.28 * len(names)), layout="tight")
    axes = figure.subplots()
    errors = found.importances_std[order]
    axes.barh(
        [names[index] for index in order], found.importances_mean[order], xerr=errors, color="C0", ecolor="#888888"
    )
    axes.set_xlabel(f"loss of R² when shuffled ({len(trials)} trials)", fontsize=8)
    axes.tick_params(labelsize=8)
    without_frame(axes)
    return figure


def _is_number(column: pd.Series) -> bool:
    """Returns True if all values of a column are numbers."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) and column.notna().all()


def _hyperparameters(leaderboard: pd.DataFrame) -> list[str]:
    """Lists the columns of the leaderboard that are hyperparameters."""
    return [name for name in leaderboard if name not in TRIAL_COLUMNS]
