"""Loads the templates of pages, and embeds images in them."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from kerasinst.reporting.plots.saving import DPI

PAGES = Environment(
    loader=PackageLoader("kerasinst.reporting"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
"""Environment of Jinja that loads the templates of this folder."""


def embedded(path: Path) -> dict[str, Any]:
    """Reads a PNG so that it can be embedded in a page.

    Args:
        path: path of a figure that was saved with `DPI` pixels an inch.

    Returns:
        `data`, which is the file in base64, and `width`, the figure's width in CSS pixels (96 an inch).

    Raises:
        ValueError: if the file is no PNG.
    """
    content = path.read_bytes()
    if not content.startswith(b"\x89PNG"):
        raise ValueError(f"{path.name} is not a PNG file")
    pixels = int.from_bytes(content[16:20], "big")  # the width stands in the first chunk, IHDR
    return {"data": base64.b64encode(content).decode(), "width": round(pixels / DPI * 96)}
