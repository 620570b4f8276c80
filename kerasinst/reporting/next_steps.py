"""What to do with a finished run: commands that work as they are printed."""

import shlex
import sys
from pathlib import Path

from kerasinst.runs import Run


def next_steps(run: Run) -> list[tuple[str, str]]:
    """What can be done next, and the command that does it.

    Example:
        >>> next_steps(Run("runs/quickstart"))[1]
        ('see what it listens to', 'kerasinst explain runs/quickstart')
    """
    where = shlex.quote(str(run.path))
    steps = []
    if run.has("examples_audio"):
        examples = shlex.quote(str(run.file("examples_audio")))
        steps.append(("tag recordings", f"predict {where} {examples}"))
        steps.append(("see what it listens to", f"explain {where}"))
    steps.append(("make it small", f"compress {where} --variants float,int8"))
    return [(what, f"{_program()} {command}") for what, command in steps]


def _program() -> str:
    """The program as a person would type it here: in an environment below this folder that may not be active."""
    here = Path(sys.prefix)
    if sys.prefix != sys.base_prefix and here.parent == Path.cwd():
        return f"{here.name}/bin/kerasinst"
    return "kerasinst"
