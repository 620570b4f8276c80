"""Google docstrings as Markdown."""

import ast
import re
import textwrap
from typing import Any

import yaml

SECTION = re.compile(
    r"^(Args|Raises|Returns|Yields|Example|Attributes|Source|Input shape|Output shape|Presets):\s*(.*)$"
)
FACT = re.compile(r"^(Get it|Layout|Groups):\s*(.*)$")
ARGUMENT = re.compile(r"^(\w+(?:, \w+)*): (.*)$")


def parameters(node: ast.FunctionDef | ast.ClassDef) -> dict[str, str | None]:
    """Default of each parameter, as source; None where there is none."""
    if isinstance(node, ast.ClassDef):
        makers = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
        return {name: value for name, value in parameters(makers[0]).items() if name != "self"} if makers else {}
    arguments, named = node.args.args, node.args.kwonlyargs
    defaults = [None] * (len(arguments) - len(node.args.defaults)) + [ast.unparse(each) for each in node.args.defaults]
    keywords = [None if each is None else ast.unparse(each) for each in node.args.kw_defaults]
    return dict(zip([argument.arg for argument in [*arguments, *named]], [*defaults, *keywords], strict=True))


def module(docstring: str) -> tuple[str, str]:
    """First line of a module's docstring, and the rest as Markdown: layout as it stands, other facts as paragraphs."""
    first, _, rest = docstring.strip().partition("\n")
    blocks, current = [], ["", []]
    for line in rest.strip().splitlines():
        if found := FACT.match(line):
            blocks.append(current)
            current = [found[1], [found[2]]]
        else:
            current[1].append(line)
    blocks.append(current)
    made = []
    for name, lines in blocks:
        # Continued lines are aligned with the first one's text, so what is left of it is not part of the layout.
        text = (
            "\n".join([*lines[:1], *textwrap.dedent("\n".join(lines[1:])).splitlines()]) if name else "\n".join(lines)
        )
        if not text.strip():
            continue
        if name == "Layout":
            made.append(f"Layout:\n\n```text\n{text}\n```")
        else:
            made.append(linked(f"{name}: {text}" if name else text))
    return first, "\n\n".join(made)


def function(docstring: str, defaults: dict[str, str | None], hidden: tuple[str, ...] = ()) -> str:
    """A function's or class's docstring as Markdown, with one table row for each argument.

    Args:
        docstring: in Google style, cleaned.
        defaults: of each parameter, as source.
        hidden: parameters that readers cannot set.
    """
    made = []
    for name, text in _sections(docstring):
        if name == "Args":
            made.append(_arguments(text, defaults, hidden))
        elif name == "Example":
            made.append(f"```python\n{text}\n```")
        elif name == "Raises":
            continue  # experiment files are checked beforehand, and the message says what to change
        else:
            made.append(f"**{name}:** {text}" if name else text)
    return "\n\n".join(part for part in made if part.strip())


def _sections(docstring: str) -> list[tuple[str, str]]:
    found, name, lines = [], "", []
    for line in docstring.splitlines():
        start = SECTION.match(line)
        if start:
            found.append((name, lines))
            name, lines = start[1], [start[2]] if start[2] else []
        else:
            lines.append(line)
    found.append((name, lines))
    return [(name, _dedented(lines) if name else "\n".join(lines).strip()) for name, lines in found]


def _dedented(lines: list[str]) -> str:
    if lines and not lines[0].startswith(" "):
        return "\n".join([lines[0], textwrap.dedent("\n".join(lines[1:]))]).strip()
    return textwrap.dedent("\n".join(lines)).strip()


def _arguments(text: str, defaults: dict[str, str | None], hidden: tuple[str, ...]) -> str:
    rows: list[tuple[list[str], str]] = []
    for line in text.splitlines():
        found = ARGUMENT.match(line)
        if found:
            rows.append((found[1].split(", "), found[2]))
        elif rows:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
    table = []
    for names, meaning in rows:
        shown = [name for name in names if name not in hidden]
        if not shown:
            continue
        values = ", ".join(code(as_yaml(defaults[name])) if defaults.get(name) is not None else "–" for name in shown)
        table.append((", ".join(map(code, shown)), values, meaning))
    return markdown_table(("option", "default", "meaning"), table) if table else ""


def as_yaml(source: str) -> str:
    """A default in Python as it is written in an experiment file."""
    try:
        value = ast.literal_eval(source)
    except ValueError:
        return source
    return yaml.safe_dump(_lists(value), default_flow_style=True, width=1000, sort_keys=False).split("\n")[0]


def _lists(value: Any) -> Any:
    """The same with lists for tuples, which YAML does not know."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, tuple | list) else value


def code(text: str) -> str:
    """A piece of code within a line."""
    return f"`{text}`"


def markdown_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table; line breaks, and bars outside of code, are made harmless in its cells."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        lines.append("| " + " | ".join(map(_cell, row)) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    parts = " ".join(text.split()).split("`")
    return "`".join(part if number % 2 else part.replace("|", "\\|") for number, part in enumerate(parts))


def linked(text: str) -> str:
    """The same with addresses as links."""
    return re.sub(r"https?://[^\s,;)]+", lambda found: f"<{found[0]}>", text)
