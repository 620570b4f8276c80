"""Saves figures as PNG and SVG."""

import warnings
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from kerasinst.core import console, files
from kerasinst.reporting.plots import typography

DPI = 150
"""Pixels an inch of saved PNGs."""


def save(figure: Figure, stem: Path) -> None:
    """Writes a figure as PNG and as SVG.

    Args:
        figure: the figure.
        stem: path of both files without `.png` and `.svg`.

    Example:
        >>> save(confusion_matrix([[3, 1], [0, 4]], ["cello", "flute"]), Path("figures/confusion"))
    """
    typography.use_fonts(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # `use_fonts` has said so already
        _save(figure, stem)


def attempt(draw: Callable[[], Figure | None], stem: Path) -> bool:
    """Draws and saves a figure. If that fails, the failure is reported on stderr, so that a page is made without it.

    Args:
        draw: function that draws the figure, or returns None if there is nothing to draw.
        stem: path of the files without `.png` and `.svg`.

    Returns:
        True if the figure was saved.

    Example:
        >>> attempt(lambda: confusion_matrix([[3, 1], [0, 4]], ["cello", "flute"]), Path("figures/confusion"))
        True
    """
    try:
        figure = draw()
        if figure is None:
            return False
        save(figure, stem)
    except Exception as error:  # labels and numbers of any kind can make matplotlib fail
        problem = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        console.complain(f"{stem.name}: this figure could not be drawn ({problem}); all else is written without it")
        return False
    return True


def _save(figure: Figure, stem: Path) -> None:
    """Lays out a figure once, and writes it in both formats."""
    engine = figure.get_layout_engine()
    for _ in range(2 if isinstance(engine, ConstrainedLayoutEngine) else 1):
        if engine is not None:
            engine.execute(figure)  # axes with equal aspects need a second pass
    figure.set_layout_engine("none")  # so that both files have the same layout
    for suffix in (".svg", ".png"):
        with files.replacing(stem.with_name(stem.name + suffix)) as temporary:
            figure.savefig(temporary, dpi=DPI)
