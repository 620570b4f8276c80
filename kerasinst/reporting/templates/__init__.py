"""The templates of pages, and what goes into them."""

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


def embedded(path: Path) -> dict[str, Any]:
    """A PNG for a page, with its width there: a matplotlib inch is as wide as CSS's.

    Raises:
        ValueError: if it is no PNG file.
    """
    content = path.read_bytes()
    if not content.startswith(b"\x89PNG"):
        raise ValueError(f"{path.name} is not a PNG file")
    pixels = int.from_bytes(content[16:20], "big")  # IHDR comes first
    return {"data": base64.b64encode(content).decode(), "width": round(pixels / DPI * 96)}
