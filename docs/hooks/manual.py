"""What mkdocs runs to make the parts of pages that are not written by hand."""

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from mkdocs.structure.files import File

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
STUDIES = PROJECT / "reports" / "studies"
for folder in (HERE, PROJECT):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import experiment_file  # noqa: E402
import kinds  # noqa: E402
import verbs  # noqa: E402
from copied import COPIED  # noqa: E402

MARK = re.compile(r"<!-- generated: ([\w-]+) -->")
"""Where pages take up what is made from the program itself."""
TABLE = re.compile(r"<!-- table: ([\w/-]+) -->")
"""Where pages take up a table of `reports/studies/`, which is named without its suffix."""


def generated() -> dict[str, Callable[[], str]]:
    """What makes each of the generated parts, by name."""
    return {
        **{name: partial(kinds.render, registry) for name, registry in kinds.KINDS.items()},
        "verbs": verbs.render,
        "functions": lambda: "\n\n".join(f"::: {name}" for name in verbs.functions().values()),
        "experiment": experiment_file.render,
        "best": lambda: (PROJECT / "experiments" / "best.yaml").read_text(encoding="utf-8").strip(),
    }


def table(path):
    """Gives a table as Markdown: that of a report, or the measurements of a run."""
    if path.with_name(f"{path.name}.md").is_file():
        return path.with_name(f"{path.name}.md").read_text(encoding="utf-8").strip()
    return pd.read_csv(path.with_name(f"{path.name}.csv")).round(3).to_markdown(index=False)


def on_files(files, config):
    """Adds what is copied to the pages of the manual."""
    for source, path in COPIED.items():
        files.append(File.generated(config, path, abs_src_path=str(PROJECT / source)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Fills in the generated parts of a page."""
    markdown = TABLE.sub(lambda found: table(STUDIES / found[1]), markdown)
    return MARK.sub(lambda found: generated()[found[1]](), markdown)
