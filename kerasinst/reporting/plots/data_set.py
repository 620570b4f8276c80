"""Draws what a data set holds."""

from matplotlib.figure import Figure

from kerasinst.reporting.plots import typography
from kerasinst.reporting.plots.layout import single, without_frame


def clips_per_label(audit: dict) -> Figure:
    """Draws the number of clips of each label.

    Args:
        audit: content of audit.json.
    """
    counts = {label: row["clips"] for label, row in audit["labels"].items()}
    height = 0.8 + max(0.25, 0.17 * typography.lines(counts)) * len(counts)
    figure, axes = single(5, height)
    axes.bar_label(axes.barh(range(len(counts)), list(counts.values()), color="C0"), padding=3, fontsize=8)
    axes.set_yticks(range(len(counts)), list(map(typography.shown, counts)))
    axes.invert_yaxis()
    axes.set_xlabel("clips")
    without_frame(axes)
    return figure
