"""Files of the project that are pages or figures of the manual as they are."""

from pathlib import Path

STUDIES = Path(__file__).resolve().parent.parent.parent / "reports" / "studies"

COPIED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "reports/accuracy.md": "reports/accuracy.md",
    "reports/ee5180-cost.png": "reports/ee5180-cost.png",
    "reports/front-ends.png": "reports/front-ends.png",
    "reports/quickstart-confusion.png": "reports/quickstart-confusion.png",
    "reports/timeline.png": "reports/timeline.png",
    **{
        f"reports/studies/{path}": f"reports/studies/{path}"
        for path in sorted(each.relative_to(STUDIES).as_posix() for each in STUDIES.glob("*/figures/*.png"))
    },
}
"""Their paths in the project, and in the manual."""
