"""Suggests what to do with a finished run."""

import shlex
import sys
from pathlib import Path

from kerasinst.runs import Run


def next_steps(run: Run) -> list[tuple[str, str]]:
    """Lists what can be done with a run next.

    Args:
        run: finished run.

    Returns:
        Pairs of a purpose and the command for it, which works as it is printed.

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
    """Names the program as it is typed here: with its path if it lies in an environment in the working folder."""
    here = Path(sys.prefix)
    if sys.prefix != sys.base_prefix and here.parent == Path.cwd():
        return f"{here.name}/bin/kerasinst"
    return "kerasinst"
