"""Figures of a run, as matplotlib figures that belong to no window."""

import warnings
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter

from kerasinst.core import console, files
from kerasinst.reporting.plots import typography

if TYPE_CHECKING:
    from kerasinst.features.visualization import Panel


DPI = 150
"""Pixels an inch of what is saved as PNG."""
COSTS = {"bytes": "bytes of the file", "milliseconds": "milliseconds a segment, one thread"}
"""What variants are drawn over."""
MARKERS = "osD^v"


def save(figure: Figure, stem: Path) -> None:
    """Writes a figure as PNG and as SVG, beside each other.

    Example:
        >>> save(confusion([[3, 1], [0, 4]], ["cello", "flute"]), Path("figures/confusion"))
    """
    typography.use_fonts(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # said already
        _save(figure, stem)


def attempt(draw: Callable[[], Figure | None], stem: Path) -> bool:
    """Draws and saves a figure, if there is one; a page without it is better than none, so a failure is only reported.

    Returns:
        Whether it was saved.

    Example:
        >>> attempt(lambda: confusion([[3, 1], [0, 4]], ["cello", "flute"]), Path("figures/confusion"))
        True
    """
    try:
        figure = draw()
        if figure is None:
            return False
        save(figure, stem)
    except Exception as error:  # whatever matplotlib meets in labels and numbers of any kind
        problem = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        console.complain(f"{stem.name}: this figure could not be drawn ({problem}); all else is written without it")
        return False
    return True


def _save(figure: Figure, stem: Path) -> None:
    engine = figure.get_layout_engine()
    for _ in range(2 if isinstance(engine, ConstrainedLayoutEngine) else 1):
        engine.execute(figure)  # equal aspects find their places at the second time
    figure.set_layout_engine("none")  # both files have the same places
    for suffix in (".svg", ".png"):
        with files.replacing(stem.with_name(stem.name + suffix)) as temporary:
            figure.savefig(temporary, dpi=DPI)


def confusion(matrix: list[list[int]], labels: list[str]) -> Figure:
    """Confusion matrix: rows are true, columns predicted; colour is the share of the row, numbers are clips."""
    counts = np.array(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 1.8 + max(0.52, 0.17 * typography.lines(labels)) * len(labels)
    figure = Figure(figsize=(size + 0.4, size), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            colour = "white" if shares[row, column] > 0.55 else "black"
            axes.text(column, row, counts[row, column], ha="center", va="center", color=colour, fontsize=8)
    named = list(map(typography.shown, labels))
    axes.set_xticks(range(len(labels)), named, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), named)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return figure


def reliability(bins: pd.DataFrame) -> Figure:
    """Reliability diagram: accuracy over confidence; the more clips a bar stands for, the more opaque it is."""
    figure = Figure(figsize=(3.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "--", color="C7", linewidth=1)
    for row in bins.itertuples():
        share = 0.25 + 0.75 * row.n / bins.n.max()
        axes.bar(row.low, row.accuracy, row.high - row.low, align="edge", color="C0", alpha=share, edgecolor="white")
    axes.plot(bins.confidence, bins.accuracy, ".", color="black", markersize=4)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("score of what was named")
    axes.set_ylabel("share that was right")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def training(history: pd.DataFrame) -> Figure:
    """Accuracy and loss over epochs, training dashed, validation solid, one colour a seed."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        for index, (seed, rows) in enumerate(history.groupby("seed")):
            axes.plot(rows.epoch, rows[name], "--", color=f"C{index}", alpha=0.6, label=f"training, seed {seed}")
            if f"val_{name}" in rows:
                axes.plot(rows.epoch, rows[f"val_{name}"], color=f"C{index}", label=f"validation, seed {seed}")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=7, frameon=False)
    return figure


def search(leaderboard: pd.DataFrame, as_written: str | None = None) -> Figure:
    """Score over number of parameters, one point a finished trial; the best one is filled.

    Args:
        leaderboard: with a finished trial at least.
        as_written: id of the trial of the experiment as it is written, which is marked, too.
    """
    sound = leaderboard.dropna(subset=["score"])
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
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
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    return figure


def labels(audit: dict) -> Figure:
    """Clips of each label in the data set."""
    counts = {label: row["clips"] for label, row in audit["labels"].items()}
    height = 0.8 + max(0.25, 0.17 * typography.lines(counts)) * len(counts)
    figure = Figure(figsize=(5, height), layout="constrained")
    axes = figure.subplots()
    axes.bar_label(axes.barh(range(len(counts)), list(counts.values()), color="C0"), padding=3, fontsize=8)
    axes.set_yticks(range(len(counts)), list(map(typography.shown, counts)))
    axes.invert_yaxis()
    axes.set_xlabel("clips")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def pictures(waveform: np.ndarray, sample_rate: int, *, panels: Iterable["Panel"], title: str) -> Figure:
    """A waveform and what each front end makes of it; time runs to the right, in seconds."""
    panels = list(panels)
    figure = Figure(figsize=(12, 2.3 * -(-(len(panels) + 1) // 3)), layout="constrained")
    first, *others = figure.subplots(-(-(len(panels) + 1) // 3), 3).ravel()
    seconds = len(waveform) / sample_rate
    first.plot(np.linspace(0, seconds, len(waveform)), waveform, linewidth=0.4)
    first.set_title("waveform", fontsize=9)
    first.set_xlim(0, seconds)
    first.set_xlabel("s", fontsize=8)
    first.tick_params(labelsize=7)
    for axes, panel in zip_longest(others, panels):
        if panel is None:
            axes.set_axis_off()
        else:
            draw(axes, panel)
            axes.set_xlim(0, seconds)
    figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def draw(axes: Axes, panel: "Panel", *, cmap: str = "magma") -> None:
    """One channel of a picture, with time in seconds to the right and its bins upwards."""
    frames, bins = panel.values.shape
    # Digital silence would leave no colours for the rest.
    loudest = panel.values.max()
    quietest = panel.values.min() if panel.unit == "coefficient" else max(panel.values.min(), loudest - 80)
    extent = (panel.start, panel.start + frames * panel.seconds, -0.5, bins - 0.5)
    axes.imshow(
        panel.values.T,
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap=cmap,
        vmin=quietest,
        vmax=max(loudest, quietest + 1e-3),  # silence has no shades
        interpolation="nearest",
    )
    axes.set_yticks(*ticks(panel))
    axes.set_ylabel(panel.unit, fontsize=8)
    axes.set_xlabel("s", fontsize=8)
    axes.set_title(typography.shown(panel.title), fontsize=9)
    axes.tick_params(labelsize=7)


def ticks(panel: "Panel") -> tuple[list[float], list[str]]:
    """Places and names of some bins: round frequencies, every C, or a few numbers."""
    if panel.unit == "Hz":
        places: dict[float, str] = {}
        for hertz in (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50):
            place = float(np.interp(hertz, panel.bins, range(len(panel.bins)), left=-1, right=-1))
            if place >= 0 and all(abs(place - other) > len(panel.bins) / 12 for other in places):
                places[place] = EngFormatter(sep="")(hertz)
        return list(places), list(places.values())
    natural = [index for index, name in enumerate(panel.bins) if "#" not in str(name)]
    chosen = [index for index in natural if str(panel.bins[index]).startswith("C")]
    chosen = chosen if len(chosen) > 1 else natural[:: max(1, len(natural) // 7)]
    return chosen, [str(panel.bins[index]) for index in chosen]


def compression(table: pd.DataFrame) -> Figure | None:
    """Accuracy of variants over bytes and over milliseconds; the line joins those that no other beats in both.

    None without a test split.
    """
    if "accuracy" not in table:
        return None
    figure = Figure(figsize=(10.5, 3.8), layout="constrained")
    for axes, (name, title) in zip(figure.subplots(1, 2, sharey=True), COSTS.items(), strict=True):
        drawn = []
        for number, row in enumerate(table.itertuples()):
            bars = axes.errorbar(
                getattr(row, name),
                row.accuracy,
                yerr=[[row.accuracy - row.accuracy_low], [row.accuracy_high - row.accuracy]],
                fmt=MARKERS[number // 10 % len(MARKERS)], color=f"C{number % 10}", ecolor="#cccccc", elinewidth=0.7,
                markersize=6, alpha=0.8,
            )  # fmt: skip
            drawn.append(bars)
        axes.axhline(float((table.accuracy + table.accuracy_drop).iloc[0]), color="C0", linewidth=0.8, linestyle="--")
        best = table.sort_values([name, "accuracy"], ascending=[True, False])
        best = best[best.accuracy > best.accuracy.cummax().shift(fill_value=-1)]
        axes.plot(best[name], best.accuracy, color="C3", linewidth=0.9, alpha=0.7)
        axes.set_xscale("log")
        axes.set_xlim(table[name].min() / 1.5, table[name].max() * 1.5)  # however near they lie
        axes.margins(y=0.15)
        axes.set_xlabel(title)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(EngFormatter(sep="") if name == "bytes" else "{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("accuracy of test clips")
    typography.legend(figure, drawn, labels=table.variant, fontsize=7, frameon=False, loc="outside right upper")
    return figure


def pruning(curves: dict[str, list[dict[str, float]]]) -> Figure:
    """Validation accuracy over sparsity, a line a variant, until it broke."""
    figure = Figure(figsize=(5.5, 3.4), layout="constrained")
    axes = figure.subplots()
    lines = [
        axes.plot([row["sparsity"] for row in curve], [row["validation_accuracy"] for row in curve], "o-")[0]
        for curve in curves.values()
    ]
    axes.set_xlabel("share of weights that are zero")
    axes.set_ylabel("accuracy of validation segments")
    axes.set_ylim(-0.02, 1.02)
    typography.legend(axes, lines, labels=curves, fontsize=7, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
