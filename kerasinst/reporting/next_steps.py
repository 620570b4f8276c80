"""What to do with a finished run: commands that work as they are printed."""

import shlex
import sys
from pathlib import Path

from kerasinst.runs import Run


def next_steps(run: Run) -> list[tuple[str, str]]:
    """What can be done next, and the command that does it."""
    where = shlex.quote(str(run.path))
    steps = []
    if run.file("examples_audio").is_dir():
        steps.append(("tag recordings", f"predict {where} {shlex.quote(str(run.file('examples_audio')))}"))
        steps.append(("see what it listens to", f"explain {where}"))
    steps.append(("make it small", f"compress {where} --variants float,int8"))
    return [(what, f"{_python()} -m kerasinst.{command}") for what, command in steps]


def _python() -> str:
    """The interpreter as a person would type it here."""
    here = Path(sys.prefix)
    if sys.prefix != sys.base_prefix and here.parent == Path.cwd():
        return f"{here.name}/bin/python"
    return "python"
