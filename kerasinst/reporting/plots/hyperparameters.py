"""Draws the hyperparameters of trials: the values of each trial, and which of them matter."""

import re
import textwrap

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasinst.reporting import formatting
from kerasinst.reporting.importance import BLANK, comparable, importances, why_unknown
from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import panels, single, without_frame
from kerasinst.reporting.trials import goodness, is_numeric, varied, with_score

IN_A_ROW = 6
"""Largest number of hyperparameters in a row of parallel coordinates."""
UNDER = -0.16
"""Height at which a line passes the axis of a hyperparameter that its trial does not have."""
WIDTH = 18
"""Largest number of characters of a line of text beside an axis; a value takes two lines at most."""
TEXTS = 12
"""Largest number of texts that are written beside an axis."""


def parallel_coordinates(leaderboard: pd.DataFrame, *, objective: str = "score") -> Figure | None:
    """Draws parallel coordinates: one line per trial over its hyperparameters and its score, where better is higher.

    Lines of better trials are darker and thicker. A trial without a hyperparameter passes below its axis. Keys that
    never vary are left out, and many keys take several rows, each of which ends with the score.

    Args:
        leaderboard: trials as leaderboard.csv holds them.
        objective: name of the score, which tells whether a lower one is better.

    Returns:
        The figure, or None if no trial has a score or no hyperparameter varies.
    """
    trials = with_score(leaderboard).iloc[::-1]
    names = varied(trials)
    if trials.empty or not names:
        return None
    rows = -(-len(names) // IN_A_ROW)
    length = -(-len(names) // rows)
    figure, places = panels(rows, (1.5 * (length + 1) + 0.8, 3.2), most=1)
    ranks = goodness(trials.score, objective).rank(pct=True)
    for row, axes in enumerate(places):
        _draw_row(
            axes, trials, names[row * length : (row + 1) * length], length=length, ranks=ranks, objective=objective
        )
    return figure


def _draw_row(
    axes: Axes, trials: pd.DataFrame, names: list[str], *, length: int, ranks: pd.Series, objective: str
) -> None:
    """Draws the lines of trials over some hyperparameters and the score."""
    heights = np.stack([_place(axes, index, trials[name]) for index, name in enumerate(names)])
    score = goodness(trials.score.astype(float), objective)
    heights = np.vstack([heights, _place(axes, len(names), score, upside_down=bool((score != trials.score).any()))])
    for trial, rank in enumerate(ranks):
        style = dict(color=colormaps["viridis_r"](0.05 + 0.95 * rank), linewidth=0.8 + 1.4 * rank, alpha=0.9)
        axes.plot(range(len(names) + 1), heights[:, trial], **style)
    shown = [*(name.replace(".", ".\n", 1) for name in names), objective]
    axes.set_xticks(range(len(names) + 1), [typography.shown(text) for text in shown], fontsize=8)
    axes.set_xlim(-0.35, length + 0.6)
    axes.set_ylim(UNDER - 0.16 if (heights < 0).any() else -0.08, 1.08)
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for index in range(len(names) + 1):
        axes.plot([index, index], [0, 1], color="#999999", linewidth=0.8, zorder=0)


def _place(axes: Axes, index: int, column: pd.Series, *, upside_down: bool = False) -> np.ndarray:
    """Writes the values of one coordinate beside its axis, and returns the height of each trial.

    Args:
        axes: axes of the figure.
        index: place of the coordinate.
        column: values of the trials, which may be blank.
        upside_down: whether the values are those of a score that was negated.
    """
    if is_numeric(column):
        values = column.astype(float)
        low, high = values.min(), values.max()
        if low > 0 and high / low > 10:
            values = np.log(values)
        heights = (values - values.min()) / np.ptp(values.dropna()) if high > low else values * 0 + 0.5
        sign = -1 if upside_down else 1
        texts = {0.0: formatting.short(sign * low), 1.0: formatting.short(sign * high)}
        texts = texts if high > low else {0.5: texts[0.0]}
    else:
        known = column.dropna().map(formatting.hyperparameter)
        different = sorted(known.unique(), key=_numbers_apart)
        steps = np.linspace(0, 1, len(different)) if len(different) > 1 else np.array([0.5])
        heights = known.map(dict(zip(different, steps, strict=True))).reindex(column.index).astype(float)
        every = -(-len(different) // TEXTS)
        texts = dict(zip(steps[::every], different[::every], strict=True))
    if column.isna().any():
        axes.text(index, UNDER - 0.09, BLANK, fontsize=9, ha="center", va="center")
    for height, text in texts.items():
        box = dict(boxstyle="square,pad=0.1", color="white", alpha=0.7)
        axes.text(index + 0.03, height, _short(text), fontsize=8, va="center", bbox=box, parse_math=False)
    return heights.fillna(UNDER).to_numpy(float)


def _numbers_apart(text: str) -> list[str | int]:
    """Splits a text into words and numbers, so that "8" is sorted before "16"."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]


def _short(text: str) -> str:
    """Breaks a text into two lines at most."""
    lines = textwrap.wrap(text, WIDTH, max_lines=2, placeholder=" …")
    return "\n".join(lines)


def hyperparameter_importance(leaderboard: pd.DataFrame) -> Figure | None:
    """Draws the share of each hyperparameter in the variance of the scores.

    Args:
        leaderboard: trials as leaderboard.csv holds them.

    Returns:
        The figure, or None if importances cannot be computed; `importance.why_unknown` says why.
    """
    if why_unknown(leaderboard):
        return None
    shares = importances(leaderboard)
    names = [typography.shown(name) for name in shares][::-1]
    figure, axes = single(5.5, 0.9 + 0.28 * len(names))
    bars = axes.barh(names, list(shares.values())[::-1], color="C0")
    axes.bar_label(bars, fmt="{:.2f}", padding=3, fontsize=8)
    axes.set_xlim(0, 1.08)
    axes.set_xlabel(f"share in the variance of the scores ({len(comparable(leaderboard))} trials)", fontsize=8)
    axes.tick_params(labelsize=8)
    without_frame(axes)
    return figure
