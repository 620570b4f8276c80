"""Makes the reports of the published studies in `reports/studies/`, on look-alikes, by `kerasinst reproduce --fast`.

    python -m experiments.reports            all of them, about 40 minutes on two cores
    python -m experiments.reports ee5180     one of them

The runs lie in `runs/reports/STUDY` until the report is copied; if it is killed, it goes on where it stopped.
`reports/studies/STUDY/` gets the tables and the figures of the report, and in `runs/` the measurements that they are
made from. A test makes the tables from these again, and compares the experiments with those of today.
"""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from kerasinst.core import cli, files
from kerasinst.experiment.locations import PROJECT
from kerasinst.experiment.studies import STUDIES
from kerasinst.reproduce import reproduce

REPORTS = PROJECT / "reports" / "studies"
MEASURED = (".yaml", ".json", ".csv", ".txt")
"""Kinds of files that hold what a run measured."""
LEFT_OUT = ("environment.json",)
"""Files that say where a run was made."""


def copy(reproduction: Path, report: Path, to: Path) -> None:
    """Copies a report without its page, and what it is made from.

    Args:
        reproduction: folder of the runs.
        report: folder of the report, which lies in it.
        to: folder that is replaced.
    """
    with files.replacing(to) as folder:
        for path in sorted(reproduction.rglob("*")):
            place = path.relative_to(reproduction)
            if report not in path.parents and path.suffix in MEASURED and path.name not in LEFT_OUT:
                (folder / "runs" / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / "runs" / place)
        for part, kinds in (("tables", (".md", ".csv")), ("figures", (".png",))):
            (folder / part).mkdir(parents=True, exist_ok=True)
            for path in sorted((report / part).iterdir()):
                if path.suffix in kinds:
                    shutil.copyfile(path, folder / part / path.name)


def main(
    studies: Annotated[list[str] | None, typer.Argument(metavar="STUDY", help="Without one, all of them.")] = None,
) -> None:
    """Reproduces studies on look-alikes, and copies their reports."""
    cli.load_keras()
    for study in studies or STUDIES:
        runs = Path("runs") / "reports" / study
        copy(runs, reproduce(study, runs, fast=True), REPORTS / study)
        shutil.rmtree(runs)


if __name__ == "__main__":
    cli.command(main)
