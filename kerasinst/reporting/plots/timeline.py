"""Draws what sounds when in a recording: a lane for each label."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from kerasinst.models.timeline import Timeline
from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import single, without_frame

MOST = 20
"""Largest number of lanes."""
SHORT = 30.0
"""Length in seconds up to which the axis has seconds alone."""
TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 36000)
"""Distances of ticks in seconds."""
MOST_TICKS = 12
"""Largest number of ticks."""
HIGH = 0.5
"""Height of the scores in a lane; what is reported is a line below them."""


def timeline(found: Timeline, *, title: str = "") -> Figure:
    """Draws the scores of each label as the opacity of its lane, and a line below where it is reported.

    Spans that are not scored are hatched.

    Args:
        found: what sounds when. If it has more than `MOST` labels, those with the highest scores are drawn.
        title: title of the figure.
    """
    chosen = np.sort(np.argsort(-found.scores.max(axis=0), kind="stable")[:MOST])
    heard = float(found.ends.max())
    end = max([heard, *(each.end for each in found.skipped)])
    figure, axes = single(min(16.0, max(7.0, 3 + end / 20)), 1.0 + 0.32 * len(chosen))
    edges = np.append(found.starts, heard)
    for lane, column in enumerate(chosen):
        colour = to_rgb(f"C{lane % 10}")
        pixels = np.zeros((1, len(found.starts), 4))
        pixels[..., :3], pixels[0, :, 3] = colour, np.clip(found.scores[:, column], 0, 1)
        axes.pcolormesh(edges, [lane - HIGH / 2, lane + HIGH / 2], pixels, rasterized=True)
        reported = found.sounding[:, column]
        spans = [(start, stop - start) for start, stop in zip(found.starts, found.ends, strict=True)]
        axes.broken_barh(
            [span for span, there in zip(spans, reported, strict=True) if there],
            (lane + HIGH / 2 + 0.05, 0.12), facecolors=[colour], linewidth=0,
        )  # fmt: skip
    for span in found.skipped:
        axes.axvspan(span.start, span.end, facecolor="0.96", edgecolor="0.85", hatch="///", linewidth=0, zorder=2)
    axes.set_yticks(range(len(chosen)), [typography.shown(found.labels[column]) for column in chosen])
    axes.tick_params(labelsize=8)
    axes.set_xlim(0, end)
    axes.set_ylim(len(chosen) - 0.4, -0.5)
    axes.set_xlabel("seconds", fontsize=8)
    if end > SHORT:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{int(value // 60)}:{value % 60:02.0f}"))
        axes.xaxis.set_major_locator(
            MultipleLocator(next((step for step in TICKS if end <= MOST_TICKS * step), TICKS[-1]))
        )
        axes.set_xlabel("minutes and seconds", fontsize=8)
    axes.set_title(title, fontsize=9, loc="left", parse_math=False)
    without_frame(axes)
    return figure
