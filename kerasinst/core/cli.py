"""Runs verbs from the command line: their common options, and their exit codes."""

import errno
import importlib
import io
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml

from kerasinst.core import console, interrupts, safe_yaml
from kerasinst.core.errors import BadInput, Diverged, Failed

INTERRUPTED = 130
"""Value that typer returns for a verb that Ctrl-C ended."""
OTHER_BACKENDS = ("jax", "torch")
"""Backends of Keras that are not among kerasinst's dependencies."""
BACKEND_HELP = "unset KERAS_BACKEND for TensorFlow, or pip install jax or torch and set it to that name"

ExperimentFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="EXPERIMENT", help="A YAML file, or the name of a packaged experiment. Default: quickstart."
    ),
]
ExperimentOrRun = Annotated[
    Path | None,
    typer.Argument(
        metavar="EXPERIMENT | RUN",
        help="A YAML file, the name of a packaged experiment, or a run. Default: quickstart.",
    ),
]
RunOption = Annotated[
    Path | None, typer.Option("--run", metavar="DIR", help="Run directory. Default: runs/NAME, of the experiment.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder of the data set, instead of the experiment's.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as training.epochs=3.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="One seed for the split and the training.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        help="Work in N processes with one thread each. Default: in this one, with all cores.",
    ),
]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Work on dask:tcp://HOST:8786 or ray:ADDRESS.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress, no remarks; results and errors only.")]


def run(verb: str, arguments: Sequence[str]) -> None:
    """Runs a verb by its name, as `kerasinst VERB` does.

    Args:
        verb: name of the verb, such as "search".
        arguments: arguments that follow the verb on the command line.

    Raises:
        SystemExit: with code 1 if the verb failed or was interrupted, with code 2 if its input is wrong.
    """
    with _ending(verb):
        module = importlib.import_module(f"kerasinst.{verb}")
        _run(module.main, arguments, program=f"kerasinst {verb}")


def command(main: Callable[..., Any]) -> None:
    """Runs a verb's module as a program, as `python -m kerasinst.VERB` does.

    Args:
        main: function with typer's annotations, whose docstring is the help text.

    Raises:
        SystemExit: with code 1 if the verb failed or was interrupted, with code 2 if its input is wrong.
    """
    verb = Path(sys.argv[0]).stem
    with _ending(verb):
        _run(main, sys.argv[1:], program=f"python -m kerasinst.{verb}")


def _run(main: Callable[..., Any], arguments: Sequence[str], *, program: str) -> None:
    """Runs a function as a command of typer."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the name of a file may hold what its encoding lacks
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")
    app.command()(main)
    with interrupts.raised():
        code = app(list(arguments), prog_name=program, standalone_mode=False)
    if code == INTERRUPTED:
        end(1, interrupts.MESSAGE)


@contextmanager
def _ending(verb: str) -> Iterator[None]:
    """Ends the program with one line on stderr if the block fails: exit code 1 for failures, 2 for wrong input."""
    try:
        yield
    except KeyboardInterrupt:
        end(1, interrupts.MESSAGE)
    except typer.TyperException as error:
        end(2, f"{error.format_message()} (--help shows the usage)")
    except BadInput as error:
        end(2, str(error))
    except (Diverged, Failed) as error:
        end(1, str(error))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "kerasinst":
            raise
        end(2, f"{verb} needs {error.name}, which is not installed: pip install 'kerasinst[train]'")
    except OSError as error:
        end(2, _disk(error))


def assignments(changes: list[str] | None) -> dict[str, Any]:
    """Parses the values of `--set`.

    Args:
        changes: texts of the form KEY=VALUE, whose values are YAML; None is none.

    Returns:
        Values by their keys.

    Raises:
        BadInput: if a text does not have this form.

    Example:
        >>> assignments(["training.epochs=3"])
        {'training.epochs': 3}
    """
    parsed = {}
    for change in changes or ():
        key, equals, value = change.partition("=")
        try:
            parsed[key.strip()] = safe_yaml.load(value)
        except yaml.YAMLError:
            raise BadInput(f"--set {change}: '{value}' is not a value; quote what holds : or #") from None
        if not equals or not key.strip():
            raise BadInput(f"--set {change}: expected KEY=VALUE, such as --set training.epochs=3")
    return parsed


def load_backend(model: Path) -> None:
    """Imports Keras, unless the model is a TFLite file, which needs neither Keras nor TensorFlow.

    Args:
        model: path of a run or of a model's file.
    """
    if model.suffix != ".tflite":
        load_keras()


def load_keras() -> None:
    """Imports Keras and its backend, and hides what TensorFlow writes to stderr while it is imported.

    Raises:
        BadInput: if Keras has no such backend, or it is one that must be installed on its own and is not.
    """
    if "keras" in sys.modules:
        return
    with console.passing("loading Keras"):
        _import_keras()


def _import_keras() -> None:
    """Imports Keras without what TensorFlow writes to stderr."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        with interrupts.at_once():
            importlib.import_module("keras")
    except ModuleNotFoundError as error:
        if error.name not in OTHER_BACKENDS:
            raise
        raise BadInput(f"the backend of Keras is {error.name}, which is not installed: {BACKEND_HELP}") from None
    except ValueError as error:
        if "backend" not in str(error):
            raise
        raise BadInput(f"Keras has no backend '{os.environ.get('KERAS_BACKEND', '')}': {BACKEND_HELP}") from None
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def end(code: int, message: str) -> NoReturn:
    """Prints a message in one line on stderr, and ends the program.

    Args:
        code: exit code.
        message: the message; its line breaks become spaces.
    """
    line = " ".join(message.split())
    print(f"kerasinst: {line}", file=sys.stderr)
    sys.exit(code)


def _disk(error: OSError) -> str:
    """Describes an error of the file system in one line."""
    if error.errno == errno.ENOSPC or "No space left" in str(error):
        return (
            f"{error.filename or 'writing'}: the disk is full; nothing is half written: free some space and run again"
        )
    name = re.sub(
        r"\.\d+-([^/\\\\]+)$", r"\1", os.fsdecode(error.filename or "file")
    )  # of a file that is being written
    advice = "; name another folder, or change its permissions" if error.errno in (errno.EACCES, errno.EROFS) else ""
    return f"{name}: {error.strerror or error}{advice}"
