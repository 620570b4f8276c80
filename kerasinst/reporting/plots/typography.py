"""How labels look in figures, whatever characters they hold and however many there are.

A label is a name and no markup: `Ba$$ drum` is no formula, and `_background_noise_` has a place in the legend.
"""

import importlib.util
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.legend import Legend
from matplotlib.text import Text

from kerasinst.core import console

FONT = "DejaVu Sans"
"""Matplotlib's own."""
WIDTH = 28
"""Characters of a line; longer labels take several."""
COLOURS, DASHES = 10, ("-", "--", ":", "-.")


def shown(label: str) -> str:
    r"""A label as matplotlib shows it literally, in lines that are not too long.

    Example:
        >>> print(shown("Ba$$ drum"))
        Ba\$\$ drum
    """
    lines = textwrap.wrap(label, WIDTH, break_on_hyphens=False, replace_whitespace=False) or [label]
    return "\n".join(lines).replace("$", r"\$")


def lines(labels: Iterable[str]) -> int:
    """How many lines the longest label takes; figures leave room for them.

    Example:
        >>> lines(["cello", "an instrument with a long name"])
        2
    """
    return max((shown(label).count("\n") + 1 for label in labels), default=1)


def line(index: int) -> dict[str, Any]:
    """Colour and dashes of a line; forty differ.

    Example:
        >>> line(12)
        {'color': 'C2', 'linestyle': '--'}
    """
    return {"color": f"C{index % COLOURS}", "linestyle": DASHES[index // COLOURS % len(DASHES)]}


def legend(place: Axes | Figure, handles: Sequence[Any], *, labels: Iterable[str], **options: Any) -> Legend:
    """A legend of any labels: matplotlib itself leaves out those that begin with an underscore.

    Args:
        place: axes or figure.
        handles: artists, or containers such as error bars, that are explained.
        labels: label of each handle.
        **options: of `matplotlib.legend.Legend`.
    """
    texts = [shown(label) for label in labels]
    made = place.legend(handles, [f"({text}" if text.startswith("_") else text for text in texts], **options)
    for element, text in zip(made.get_texts(), texts, strict=True):
        element.set_text(text)
    return made


def use_fonts(figure: Figure) -> None:
    """Gives each text of a figure the fonts that its characters need; without them there would be boxes."""
    missing: set[str] = set()
    for text in figure.findobj(Text):
        needed = {each for each in text.get_text() if each.isprintable() and not _has(_path(FONT), each)}
        if families := {family for each in needed if (family := _family(each))}:
            text.set_fontfamily([FONT, *sorted(families)])
        missing |= {each for each in needed if not _family(each)}
    if missing:
        console.say_once(
            f"no font on this machine has {' '.join(sorted(missing))}: figures show boxes until one is installed"
        )


@cache
def _family(character: str) -> str | None:
    """The first font that has a character: the one that comes with zhplot (Noto Sans SC), then those of the machine."""
    fonts = (*_brought(), *font_manager.fontManager.ttflist)
    return next((font.name for font in fonts if _has(font.fname, character)), None)


@cache
def _brought() -> tuple[font_manager.FontEntry, ...]:
    package = importlib.util.find_spec("zhplot")
    if package is None or package.submodule_search_locations is None:
        return ()
    files = [file for folder in package.submodule_search_locations for file in Path(folder, "fonts").glob("*.ttf")]
    for file in files:
        font_manager.fontManager.addfont(file)
    return tuple(entry for entry in font_manager.fontManager.ttflist if Path(entry.fname) in files)


@cache
def _path(family: str) -> str:
    return font_manager.findfont(family)


def _has(path: str, character: str) -> bool:
    return ord(character) in _characters(path)


@cache
def _characters(path: str) -> frozenset[int]:
    """Code points of a font, which is closed again: a machine may have more fonts than a process may hold open."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (RuntimeError, OSError):  # a damaged font
        return frozenset()
