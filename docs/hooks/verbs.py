"""The page of the verbs, from what typer knows of them."""

import ast
import importlib
from pathlib import Path

import docstrings
import typer
import typer.main

import kerasinst

ORDER = (
    "prepare", "search", "train", "evaluate", "predict", "baselines", "ablate", "explain", "compress", "export",
    "report", "reproduce",
)  # fmt: skip
"""In which people use them; others follow."""
INTRODUCTION = """A verb is a command: `python -m kerasinst.VERB ...` in the project's folder, after
`source .venv/bin/activate`. Verbs talk to each other only through the [files of a run](run.md).

- With no arguments a verb uses the embedded quickstart, which renders its audio and downloads nothing. `predict` always
  needs a model and audio.
- `--set KEY=VALUE` changes any key of the [experiment file](experiment.md); give it once for each key. Values are
  YAML: `--set training.epochs=40 --set "training.seeds=[1, 2, 3]"`.
- `--help` shows the options below.
- Results are printed on standard output, progress and remarks on standard error.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed: training diverged, a variant could not be made or breaks a `--gate`, or Ctrl-C interrupted the work; the same command goes on where it stopped |
| 2 | bad input: one line on standard error says what is wrong and how to mend it |
"""


def names() -> list[str]:
    """Modules of the package that are programs."""
    found = [
        file.stem
        for file in sorted(Path(kerasinst.__file__).parent.glob("[!_]*.py"))
        if "__name__ == \"__main__\"" in file.read_text(encoding="utf-8")
    ]
    return sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def render() -> str:
    """The page, as Markdown."""
    rows, parts = [], []
    for name in names():
        command = _command(name)
        text, example = _help(command.help)
        rows.append((f"[`{name}`](#{name})", text))
        usage = f"python -m kerasinst.{name} {_usage(command.params)}"
        options = docstrings.markdown_table(("option", "meaning"), [_row(option) for option in command.params])
        parts.append(
            f"## {name}\n\n{text}\n\n```text\n{usage}\n```\n\n{options}\n\nExample:\n\n```text\n{example}\n```\n\n{_from_python(name)}"
        )
    table = docstrings.markdown_table(("verb", "what it does"), rows)
    following = "Next: [the experiment file](experiment.md), [files of a run](run.md), [Python](api.md)."
    return "\n\n".join(["# Verbs", INTRODUCTION, table, *parts, following]) + "\n"


def _command(name: str):
    app = typer.Typer(add_completion=False)
    app.command()(importlib.import_module(f"kerasinst.{name}").main)
    return typer.main.get_command(app)


def _help(text: str) -> tuple[str, str]:
    """What a verb does, and its example."""
    about, _, example = text.partition("Example:")
    return " ".join(about.split()), " ".join(example.split())


def _is_argument(option) -> bool:
    return option.param_type_name == "argument"


def _usage(options: list) -> str:
    shown = [option.metavar for option in options if _is_argument(option)]
    return " ".join([*(metavar or "" for metavar in shown), "[OPTIONS]"])


def _row(option) -> tuple[str, str]:
    if _is_argument(option):
        name = docstrings.code(option.metavar)
    elif option.is_flag:
        name = docstrings.code(", ".join(option.opts))
    else:
        name = docstrings.code(f"{', '.join(option.opts)} {option.metavar or _kind(option)}")
    meaning = option.help or ""
    if option.required:
        meaning += " Required."
    elif option.default not in (None, False, 0) and "Default" not in meaning:
        meaning += f" Default: `{option.default}`."
    if option.multiple:
        meaning += " May be given several times."
    return name, meaning.strip()


def _kind(option) -> str:
    return {"seed": "N"}.get(option.name, option.name.upper())


def functions() -> dict[str, str]:
    """Dotted name of each verb's function, by verb."""
    found = {}
    for name in names():
        tree = ast.parse((Path(kerasinst.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body):
            found[name] = f"kerasinst.{name}.{name}"
    return found


def _from_python(name: str) -> str:
    return f"From Python: [`{functions()[name]}`][{functions()[name]}]." if name in functions() else ""
