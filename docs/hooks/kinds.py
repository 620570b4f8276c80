"""What is found by file name: data sets, front ends, networks, augmentations, losses, tuners and decisions."""

import ast
import importlib.util
import inspect
from pathlib import Path

import docstrings

from kerasinst.core.registry import AUGMENTATIONS, DECISIONS, FRONTENDS, LOSSES, NETWORKS, ORACLES, READERS, Registry

KINDS = {
    "datasets": READERS,
    "front-ends": FRONTENDS,
    "networks": NETWORKS,
    "augmentations": AUGMENTATIONS,
    "losses": LOSSES,
    "tuners": ORACLES,
    "decisions": DECISIONS,
}
"""Registries, by the page that lists their entries."""


def render(registry: Registry) -> str:
    """A table of all entries and a section for each, as Markdown."""
    summary, parts = [], []
    for name in registry.names():
        tree = ast.parse(_source(registry, name))
        first, rest = docstrings.module(ast.get_docstring(tree))
        summary.append((f"[`{name}`](#{name})", first))
        parts.append(f"## `{name}` {{ #{name} }}\n\n{first}\n\n{_entry(registry, name, tree, rest)}")
    return "\n\n".join([docstrings.markdown_table(("name", "what it is"), summary), *parts])


def _source(registry: Registry, name: str) -> str:
    folder = importlib.util.find_spec(registry.package).submodule_search_locations[0]
    return (Path(folder) / f"{name}.py").read_text(encoding="utf-8")


def _entry(registry: Registry, name: str, tree: ast.Module, about: str) -> str:
    wanted = (registry.entry or name).replace("_", "").lower()
    defined = [item for item in tree.body if isinstance(item, ast.FunctionDef | ast.ClassDef)]
    node = next(item for item in defined if item.name.replace("_", "").lower() == wanted)
    text = docstrings.function(inspect.cleandoc(ast.get_docstring(node)), docstrings.parameters(node), registry.given)
    return "\n\n".join(fact for fact in (about, _cited(tree), text, _presets(node)) if fact)


def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    found = {}
    for item in body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            found[item.targets[0].id] = item.value
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value is not None:
            found[item.target.id] = item.value
    return found


def _cited(tree: ast.Module) -> str:
    """Citation and licence of a data set."""
    constants = _constants(tree.body)
    if "CITATION" not in constants or "LICENSE" not in constants:
        return ""
    return f"Citation: {_literal(constants['CITATION'])}\n\nLicence: {_literal(constants['LICENSE'])}"


def _literal(value: ast.expr) -> str:
    try:
        return str(ast.literal_eval(value))
    except ValueError:
        return ast.unparse(value)


def _presets(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Presets of a front end."""
    if not isinstance(node, ast.ClassDef) or "presets" not in (constants := _constants(node.body)):
        return ""
    value = constants["presets"]
    if not isinstance(value, ast.Dict) or not value.keys:
        return ""
    pairs = zip(value.keys, value.values, strict=True)
    rows = [(f"`{_literal(key)}`", ", ".join(_preset(values))) for key, values in pairs]
    return "The presets set:\n\n" + docstrings.markdown_table(("preset", "values"), rows)


def _preset(values: ast.expr) -> list[str]:
    if not isinstance(values, ast.Dict):
        return [docstrings.code(ast.unparse(values))]
    pairs = zip(values.keys, values.values, strict=True)
    shown = [f"{_literal(key)}: {docstrings.as_yaml(ast.unparse(value))}" for key, value in pairs]
    return [docstrings.code(text) for text in shown] or ["the defaults"]
