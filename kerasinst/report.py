"""`kerasinst report` compares runs on one page, with tables and figures for a paper."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput

if TYPE_CHECKING:
    from kerasinst.reporting.comparison import Comparison


def report(runs: list[str | Path], to: str | Path | None = None) -> "list[Comparison]":
    """Compares runs, and writes a page, its tables (Markdown, LaTeX, CSV) and its figures (PNG, SVG).

    Only the files of the runs are read, so that runs may come from other machines. The page names missing files.

    Args:
        runs: directories of the runs, at least one.
        to: folder of the report, whose earlier report is replaced; None is `reports/<name of the first directory>`.

    Returns:
        One comparison for each set of labels, task and protocol; those that keep recordings whole come first.

    Raises:
        BadInput: if a directory is no run or is named twice, or the folder holds anything but a report.

    Example:
        >>> report(["runs/quickstart"], "reports/quickstart")[0].best.name
        'quickstart'
    """
    if not runs:
        raise BadInput("there is no run to report: name at least one run directory")
    to = Path(to or Path("reports") / Path(runs[0]).resolve().name)
    command = shlex.join(["kerasinst", "report", *map(str, runs), "--to", str(to)])
    written = reporting.write_report(runs, to, command=command)
    reporting.show_report(written)
    console.show_facts([("report", str(to / "index.html"))])
    return written.comparisons


def main(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="RUN", help="Run directories.")] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the report. Default: reports/NAME, of the first run.")
    ] = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Compare runs on one page, with its tables (.md, .tex, .csv) and figures (.png, .svg) beside it.

    Example: kerasinst report runs/quickstart runs/best --to reports/mine
    """
    console.quieten(quiet)
    report(list(runs or [Path("runs/quickstart")]), to)


if __name__ == "__main__":
    cli.command(main)
