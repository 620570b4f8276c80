"""Figures as files: PNG and SVG beside each other."""

import warnings
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from kerasinst.core import console, files
from kerasinst.reporting.plots import typography

DPI = 150
"""Pixels an inch of what is saved as PNG."""


def save(figure: Figure, stem: Path) -> None:
    """Writes a figure as PNG and as SVG, beside each other.

    Example:
        >>> save(confusion_matrix([[3, 1], [0, 4]], ["cello", "flute"]), Path("figures/confusion"))
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
        >>> attempt(lambda: confusion_matrix([[3, 1], [0, 4]], ["cello", "flute"]), Path("figures/confusion"))
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
        if engine is not None:
            engine.execute(figure)  # equal aspects find their places at the second time
    figure.set_layout_engine("none")  # both files have the same places
    for suffix in (".svg", ".png"):
        with files.replacing(stem.with_name(stem.name + suffix)) as temporary:
            figure.savefig(temporary, dpi=DPI)
