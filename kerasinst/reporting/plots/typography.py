"""Shows labels in figures as they are, whatever characters they hold.

Matplotlib itself reads `Ba$$ drum` as a formula, and leaves `_background_noise_` out of a legend.
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
"""Default font, which comes with matplotlib."""
WIDTH = 28
"""Largest number of characters of a line; longer labels take several lines."""
COLOURS, DASHES = 10, ("-", "--", ":", "-.")
"""Number of colours and styles of dashes that tell lines apart."""


def shown(label: str) -> str:
    r"""Breaks a label into lines, and escapes what matplotlib would take for a formula.

    Args:
        label: label of any characters.

    Example:
        >>> print(shown("Ba$$ drum"))
        Ba\$\$ drum
    """
    lines = textwrap.wrap(label, WIDTH, break_on_hyphens=False, replace_whitespace=False) or [label]
    return "\n".join(lines).replace("$", r"\$")


def lines(labels: Iterable[str]) -> int:
    """Counts the lines that the longest label takes, so that figures can leave room for it.

    Args:
        labels: labels of a figure.

    Example:
        >>> lines(["cello", "an instrument with a long name"])
        2
    """
    return max((shown(label).count("\n") + 1 for label in labels), default=1)


def line(index: int) -> dict[str, Any]:
    """Chooses the colour and the dashes of a line. Forty lines in a row differ.

    Args:
        index: number of the line, from 0.

    Example:
        >>> line(12)
        {'color': 'C2', 'linestyle': '--'}
    """
    return {"color": f"C{index % COLOURS}", "linestyle": DASHES[index // COLOURS % len(DASHES)]}


def legend(place: Axes | Figure, handles: Sequence[Any], *, labels: Iterable[str], **options: Any) -> Legend:
    """Adds a legend that also shows labels that begin with an underscore, which matplotlib itself leaves out.

    Args:
        place: axes or figure that gets the legend.
        handles: artists, or containers such as error bars, that the legend explains.
        labels: label of each handle.
        **options: other arguments of `matplotlib.legend.Legend`.
    """
    texts = [shown(label) for label in labels]
    made = place.legend(handles, [f"({text}" if text.startswith("_") else text for text in texts], **options)
    for element, text in zip(made.get_texts(), texts, strict=True):
        element.set_text(text)
    return made


def use_fonts(figure: Figure) -> None:
    """Gives each text of a figure the fonts that its characters need.

    Characters that no font of the machine has are shown as boxes, and named in a remark.

    Args:
        figure: figure with all of its texts.
    """
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
    """Finds a font that has a character: the one that comes with zhplot (Noto Sans SC), or one of the machine."""
    fonts = (*_brought(), *font_manager.fontManager.ttflist)
    return next((font.name for font in fonts if _has(font.fname, character)), None)


@cache
def _brought() -> tuple[font_manager.FontEntry, ...]:
    """Registers the fonts that come with the package zhplot, if it is installed."""
    package = importlib.util.find_spec("zhplot")
    if package is None or package.submodule_search_locations is None:
        return ()
    files = [file for folder in package.submodule_search_locations for file in Path(folder, "fonts").glob("*.ttf")]
    for file in files:
        font_manager.fontManager.addfont(file)
    return tuple(entry for entry in font_manager.fontManager.ttflist if Path(entry.fname) in files)


@cache
def _path(family: str) -> str:
    """Finds the file of a font."""
    return font_manager.findfont(family)


def _has(path: str, character: str) -> bool:
    """Returns True if a font has a character."""
    return ord(character) in _characters(path)


@cache
def _characters(path: str) -> frozenset[int]:
    """Reads the code points of a font, and closes it, as there may be more fonts than a process may hold open."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (RuntimeError, OSError):  # a damaged font
        return frozenset()
