"""Figures over several runs: how they trained, what they mistake, what accuracy costs, and what a search found."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.plots import typography
from kerasinst.reporting.run_data import ModelResult, RunData

ABOUT = ("trial_id", "status", "score", "parameters", "seconds")
"""Columns of a leaderboard that are no hyperparameters."""
WIDTH = 10.5
"""Inches of a page."""
COLOURS = {"network": "C0", "classical": "C7", "compressed": "C1"}
COSTS = {"bytes": "bytes of the model", "milliseconds": "milliseconds a segment"}
APART = 0.05
"""Accuracies nearer than this would write their names over each other."""
ENOUGH = 10
"""Finished trials below which nothing is said of what matters."""


def _panels(count: int, width: float, height: float, most: int = 4, sharey: bool = False) -> tuple[Figure, list[Axes]]:
    """A figure with so many axes, a few in a row."""
    columns = min(most, max(1, count))
    rows = max(1, -(-count // columns))
    figure = Figure(figsize=(width * columns, height * rows), layout="tight")
    axes = figure.subplots(rows, columns, squeeze=False, sharey=sharey).ravel()
    for spare in axes[count:]:
        spare.set_axis_off()
    return figure, list(axes[:count])


def training(findings: Sequence[RunData]) -> Figure:
    """Accuracy over epochs, a panel a run: training dashed, validation solid, one colour a seed."""
    figure, panels = _panels(len(findings), 2.6, 2.1, sharey=True)
    for axes, each in zip(panels, findings, strict=True):
        for index, (_, rows) in enumerate(each.history.groupby("seed")):
            style = dict(color=f"C{index}", marker="o" if len(rows) == 1 else None, markersize=4)
            axes.plot(rows.epoch, rows.accuracy, "--", alpha=0.6, **style)
            if "val_accuracy" in rows:
                axes.plot(rows.epoch, rows.val_accuracy, **style)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(2, each.history.epoch.max() * 1.03))
        axes.set_title(each.key, fontsize=9, parse_math=False)
        axes.set_xlabel("epoch", fontsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def confusions(entries: Sequence[ModelResult]) -> Figure:
    """Confusion matrices, a panel a model: rows are true, columns predicted; numbers are clips."""
    size = 1.5 + max(max(0.3, 0.12 * typography.lines(entry.labels)) * len(entry.labels) for entry in entries)
    figure, panels = _panels(len(entries), size + 0.3, size, most=max(1, int(WIDTH / size)))
    for axes, entry in zip(panels, entries, strict=True):
        counts = np.array(entry.metrics["clip"]["confusion"])
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for row, column in np.argwhere(counts):
            colour = "white" if shares[row, column] > 0.55 else "black"
            axes.text(column, row, counts[row, column], ha="center", va="center", color=colour, fontsize=7)
        places = range(len(entry.labels))
        named = list(map(typography.shown, entry.labels))
        axes.set_xticks(places, named, rotation=45, ha="right", rotation_mode="anchor", fontsize=7)
        axes.set_yticks(places, named, fontsize=7)
        axes.set_title(_titled(entry, entries), fontsize=9, parse_math=False)
    figure.supxlabel("predicted", fontsize=8)
    figure.supylabel("true", fontsize=8)
    return figure


def _titled(entry: ModelResult, others: Sequence[ModelResult]) -> str:
    """Its name, with its run if another has the same."""
    same = [other for other in others if (other.name, other.leaky) == (entry.name, entry.leaky)]
    return entry.name + ", leaky" * entry.leaky + f", {entry.findings.key}" * (len(same) > 1)


def cost(comparison: Comparison) -> Figure | None:
    """Accuracy over bytes and over milliseconds; the line joins models that none beats in both.

    None if there are no two models, or no costs are known.
    """
    table = comparison.table[comparison.table.compared]
    names = [name for name in COSTS if pd.to_numeric(table[name]).gt(0).any()]
    if not names or len(table) < 2:
        return None
    figure, panels = _panels(len(names), 5.0, 3.6)
    for axes, name in zip(panels, names, strict=True):
        known = table[pd.to_numeric(table[name]).gt(0)]
        for kind, rows in known.groupby("kind"):
            axes.errorbar(
                rows[name].to_numpy(float),
                rows.accuracy.to_numpy(),
                yerr=np.abs(rows[["accuracy_low", "accuracy_high"]].to_numpy().T - rows.accuracy.to_numpy()),
                fmt="o", color=COLOURS[kind], ecolor="#cccccc", elinewidth=0.7, markersize=5, label=kind,
            )  # fmt: skip
        front = known.sort_values([name, "accuracy"], ascending=[True, False])
        front = front[front.accuracy > front.accuracy.cummax().shift(fill_value=-1)]
        axes.plot(front[name], front.accuracy, color="C3", linewidth=0.9, alpha=0.7)
        written: list[float] = []
        for row in front.iloc[::-1].itertuples():  # the best first: names that would hide it are left out
            if all(abs(row.accuracy - other) > APART for other in written):
                style = dict(
                    fontsize=7, bbox=dict(boxstyle="square,pad=0.1", color="white", alpha=0.8), parse_math=False
                )
                place = (getattr(row, name), row.accuracy)
                axes.annotate(row.model, place, xytext=(-5, 4), textcoords="offset points", ha="right", **style)
                written.append(row.accuracy)
        axes.set_xscale("log")
        axes.set_xlim(known[name].min() / 15, known[name].max() * 3)
        axes.set_ylim(-0.02, 1.08)
        axes.xaxis.set_major_formatter(EngFormatter(sep="") if name == "bytes" else "{x:g}")
        axes.tick_params(labelsize=8)
        axes.set_xlabel(COSTS[name])
        axes.set_ylabel("accuracy of clips")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=7, frameon=False, loc="lower right")
    return figure


def coordinates(leaderboard: pd.DataFrame) -> Figure:
    """Parallel coordinates: a line a finished trial, the darker the better, over hyperparameters and the score."""
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
    """Heights of one axis between 0 and 1, with its values written beside it."""
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


def importance(leaderboard: pd.DataFrame) -> Figure | None:
    """How much worse a forest foretells the scores of trials when one hyperparameter is shuffled; None if few finished.

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
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) and column.notna().all()


def _hyperparameters(leaderboard: pd.DataFrame) -> list[str]:
    return [name for name in leaderboard if name not in ABOUT]
