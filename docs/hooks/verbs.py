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


def names() -> list[str]:
    """Modules of the package that are programs."""
    found = [
        file.stem
        for file in sorted(Path(kerasinst.__file__).parent.glob("[!_]*.py"))
        if '__name__ == "__main__"' in file.read_text(encoding="utf-8")
    ]
    return sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def render() -> str:
    """A table of all verbs and a section for each, as Markdown."""
    rows, parts = [], []
    for name in names():
        command = _command(name)
        text, example = _help(command.help)
        rows.append((f"[`{name}`](#{name})", text))
        usage = f"kerasinst {name} {_usage(command.params)}"
        options = docstrings.markdown_table(("option", "meaning"), [_row(option) for option in command.params])
        example = f"Example:\n\n{_text(example)}"
        parts += [f"## {name}", text, _text(usage), options, example, _from_python(name)]
    return "\n\n".join([docstrings.markdown_table(("verb", "what it does"), rows), *filter(None, parts)])


def _text(content: str) -> str:
    return f"```text\n{content}\n```"


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
    shown = [option for option in options if _is_argument(option)]
    arguments = [option.metavar if option.required else f"[{option.metavar}]" for option in shown]
    return " ".join([*arguments, "[OPTIONS]"])


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
