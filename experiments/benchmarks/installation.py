"""What the bare package costs: bytes of its environment, and processor time of tagging one short file.

python -m experiments.benchmarks.installation
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import typer

from kerasinst.core import cli, console
from kerasinst.experiment import PROJECT

MODEL = PROJECT / "tests" / "data" / "version-0.1" / "run" / "compressed" / "int8" / "model.tflite"
PEER = "import numpy, soundfile, soxr; from ai_edge_litert.interpreter import Interpreter"
"""What a program of one's own, such as the exported example, imports at least."""


def environment(folder: Path) -> Path:
    """Installs the project's bare package; gives its folder of programs."""
    venv.create(folder, with_pip=False, symlinks=True)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", str(PROJECT)], check=True)
    return programs


def processor_seconds(command: list[str], rounds: int) -> float:
    """Median of user and system time; the first round, which fills caches, does not count."""
    spent = []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent[1:])


def main(rounds: Annotated[int, typer.Option(min=1, help="Runs of each command.")] = 7) -> None:
    """Measure the bare package: bytes of the environment, and processor time of tagging one second of audio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = environment(folder / "bare")
        size = sum(path.lstat().st_size for path in (folder / "bare").rglob("*"))
        soundfile.write(folder / "tone.wav", 0.3 * np.sin(2 * np.pi * 220 * np.arange(8000) / 8000), 8000)
        tag = [str(programs / "kerasinst"), "predict", str(MODEL), str(folder / "tone.wav"), "--quiet"]
        ours = processor_seconds(tag, rounds)
        peer = processor_seconds([str(programs / "python"), "-c", PEER], rounds)
        listed = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "list", "--format", "json"]
        packages = json.loads(subprocess.run(listed, check=True, capture_output=True, text=True).stdout)
    rows = [(f"{size / 1e6:.0f}", len(packages), f"{ours:.2f}", f"{peer:.2f}", f"{ours / peer:.2f}")]
    columns = ["MB", "packages", "predict, s", "imports of its runtime, s", "ratio"]
    console.show_table(f"bare package, Python {sys.version.split()[0]}", columns, rows=rows)


if __name__ == "__main__":
    cli.command(main)
