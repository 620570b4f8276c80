"""Files of the project that are pages or figures of the manual as they are."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent

COPIED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "reports/accuracy.md": "reports/accuracy.md",
    "reports/ee5180-cost.png": "reports/ee5180-cost.png",
    "reports/front-ends.png": "reports/front-ends.png",
    "reports/quickstart-confusion.png": "reports/quickstart-confusion.png",
    "reports/timeline.png": "reports/timeline.png",
}
COPIED |= {
    path: path
    for path in (each.relative_to(PROJECT).as_posix() for each in PROJECT.glob("reports/studies/*/figures/*.png"))
}
"""Their paths in the project, and in the manual."""
