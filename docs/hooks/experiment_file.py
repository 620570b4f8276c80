"""The page of the experiment file, from its pydantic models."""

import inspect
import types
import typing
from typing import Any, Literal

import annotated_types
import docstrings
from pydantic import BaseModel

from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import USEFUL, VARIANTS
from kerasinst.experiment.section import Named

NAMED = typing.get_args(Named)[0]
OPEN = {"dataset": ("reader", "datasets"), "frontend": ("front end", "front-ends"), "network": ("network", "networks")}
"""Sections whose further keys are options of what they name, and the page that lists these."""
SIGNS = {
    annotated_types.Ge: ("ge", "≥"),
    annotated_types.Gt: ("gt", ">"),
    annotated_types.Le: ("le", "≤"),
    annotated_types.Lt: ("lt", "<"),
}
NAMES = {"str": "text", "int": "whole number", "float": "number", "bool": "`true` or `false`", "Path": "path"}
NAMES |= {"NoneType": "`null`", "Any": "anything"}
A_NAME = "name, or {name: {option: value}}"
PLURALS = {"text": "texts", "whole number": "whole numbers", "number": "numbers", "section": "sections"}
PLURALS |= {A_NAME: "names, or of {name: {option: value}}"}


def render() -> str:
    """A table of all sections, one for each section, and the variants that have a name, as Markdown."""
    parts = [f"## All sections\n\n{_about(Experiment)}", _table(Experiment, linked=True)]
    for name, field in Experiment.model_fields.items():
        for section in _sections(field.annotation):
            parts.append(f"## {name}\n\n{_about(section)}\n\n{_table(section)}")
            if name in OPEN:
                kind, page = OPEN[name]
                parts.append(f"Further keys are the options of the {kind}: see [all of them]({page}.md).")
            parts += _inner(section, name)
    return "\n\n".join([*parts, _variants()])


def _variants() -> str:
    rows = [(f"`{name}`", f"`{docstrings.as_yaml(str(made))}`") for name, made in VARIANTS.items()]
    table = docstrings.markdown_table(("variant", "what is done"), rows)
    useful = ", ".join(f"`{name}`" for name in USEFUL)
    return (
        "## Variants that have a name\n\n`compress --variants` knows these; the experiment file need not mention them. "
        f"Without `--variants` it makes {useful}.\n\n{table}"
    )


def _about(section: type[BaseModel]) -> str:
    text = inspect.cleandoc(section.__doc__ or "")
    return text.partition("\nExample:\n")[0].strip()


def _inner(section: type[BaseModel], path: str) -> list[str]:
    """Sections within a section, with the key that holds them."""
    made = []
    for name, field in section.model_fields.items():
        for inner in _sections(field.annotation):
            key = f"{path}.{name}"
            made.append(f"### {key}\n\n{_about(inner)}\n\n{_table(inner)}")
            made += _inner(inner, key)
    return made


def _sections(annotation: Any) -> list[type[BaseModel]]:
    """Models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _sections(part)]


def _table(section: type[BaseModel], linked: bool = False) -> str:
    """One row a key; `linked` sections are described elsewhere on the page."""
    rows = []
    for name, field in section.model_fields.items():
        kind, limits = _words(field.annotation)
        default = "required" if field.is_required() else docstrings.code(_shown(field.get_default()))
        if linked and _sections(field.annotation):
            kind, default = f"[section](#{name})", "required" if field.is_required() else ""
        limits = dict.fromkeys([*_limits(field.metadata), *limits])
        rows.append((docstrings.code(name), kind, default, ", ".join(limits)))
    return docstrings.markdown_table(("key", "type", "default", "limits"), rows)


def _shown(value: Any) -> str:
    return "null" if value is None else docstrings.as_yaml(repr(value))


def _words(annotation: Any) -> tuple[str, list[str]]:
    """What may be given, in words, and its limits."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation == NAMED:
        return A_NAME, []
    if origin is typing.Annotated:
        words, limits = _words(arguments[0])
        return words, [*_limits(arguments[1:]), *limits]
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments), []
    if origin in (types.UnionType, typing.Union):
        found = [_words(argument) for argument in arguments]
        return " or ".join(words for words, _ in found), [limit for _, limits in found for limit in limits]
    if origin is list:
        words, limits = _words(arguments[0])
        return f"list of {PLURALS.get(words, words)}", [f"each {limit}" for limit in limits]
    if origin is dict:
        words, limits = _words(arguments[1])
        return ("mapping" if words == "anything" else f"mapping to {words}"), [f"each {limit}" for limit in limits]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section", []
    return NAMES.get(getattr(annotation, "__name__", str(annotation)), str(annotation)), []


def _limits(metadata: Any) -> list[str]:
    """Limits of a value, in words."""
    found = []
    for item in metadata:
        if isinstance(item, annotated_types.MinLen):
            found.append(f"at least {item.min_length}")
        elif type(item) in SIGNS:
            name, sign = SIGNS[type(item)]
            found.append(f"{sign} {getattr(item, name)}")
        elif getattr(item, "metadata", None):
            found += _limits(item.metadata)
        elif getattr(item, "pattern", None):
            found.append(f"matches `{item.pattern}`")
    return found
