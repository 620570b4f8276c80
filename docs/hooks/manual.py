"""What mkdocs runs to make the pages that are not written by hand."""

import sys
from pathlib import Path

from mkdocs.structure.files import File

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
for folder in (HERE, PROJECT):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import experiment_file  # noqa: E402
import kinds  # noqa: E402
import verbs  # noqa: E402

COPIED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "reports/accuracy.md": "reports/accuracy.md",
    "reports/ee5180-cost.png": "reports/ee5180-cost.png",
    "reports/front-ends.png": "reports/front-ends.png",
    "reports/quickstart-confusion.png": "reports/quickstart-confusion.png",
}
"""Files of the project that are pages or figures of the manual as they are."""


def pages() -> dict[str, str]:
    """The pages that are made from the program itself, by path."""
    best = (PROJECT / "experiments" / "best.yaml").read_text(encoding="utf-8")
    made = {kind.page: kinds.render(kind) for kind in kinds.KINDS}
    return {**made, "reference/verbs.md": verbs.render(), "reference/experiment.md": experiment_file.render(best)}


def on_files(files, config):
    """Adds them to the pages that are written by hand."""
    for path, content in pages().items():
        files.append(File.generated(config, path, content=content))
    for source, path in COPIED.items():
        files.append(File.generated(config, path, abs_src_path=str(PROJECT / source)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Lists the functions of all verbs on the page of the Python interface."""
    if page.file.src_uri != "reference/api.md":
        return markdown
    return markdown.replace("<!-- verbs -->", "\n\n".join(f"::: {name}" for name in verbs.functions().values()))
