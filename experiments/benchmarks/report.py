"""How long a report over many runs takes, and whether it imports TensorFlow.

    python -m experiments.benchmarks.report runs/quickstart runs/best

Copies the runs, in turn, until there are twenty, and makes one report over them in a process of its own, whose start
counts; beside it, the time that importing TensorFlow alone takes on this machine.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from kerasinst.core import console

LAST = "import sys; print('tensorflow' if 'tensorflow' in sys.modules else 'no TensorFlow')"


def main(
    runs: Annotated[list[Path], typer.Argument(help="Finished runs.")],
    count: Annotated[int, typer.Option(help="Of the runs in the report.")] = 20,
) -> None:
    """Prints the seconds of a report."""
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder, f"{number:02d}") for number in range(count)]
        for number, copy in enumerate(copies):
            shutil.copytree(runs[number % len(runs)], copy, ignore=shutil.ignore_patterns("trials", "logs"))
        command = (
            f"from kerasinst.report import report; report({list(map(str, copies))}, {folder + '/report'!r}); {LAST}"
        )
        seconds, imported = _timed(command)
        size = sum(path.stat().st_size for path in Path(folder, "report").rglob("*") if path.is_file())
    peer, _ = _timed("import tensorflow")
    rows = [(count, f"{seconds:.1f}", imported, f"{size / 1e6:.1f}", f"{seconds / peer:.2f}")]
    columns = ["runs", "seconds", "imports", "megabytes", "time, importing TensorFlow = 1"]
    console.show_table("a report", columns, rows=rows)


def _timed(code: str) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return time.perf_counter() - began, (done.stdout.splitlines() or [""])[-1]


if __name__ == "__main__":
    typer.run(main)
