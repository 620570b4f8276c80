"""The page of the experiment file, from its pydantic models."""

import inspect
import types
import typing
from typing import Any, Literal

import annotated_types
import docstrings
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from kerasinst import sections
from kerasinst.experiment import Experiment

INTRODUCTION = """One YAML file says everything about a study. kerasinst checks it before any work starts: unknown keys,
wrong types and values out of range are refused, with the nearest known name. Give it to any verb, or change single keys
on the command line:

```text
python -m kerasinst.train experiments/quickstart.yaml --set training.epochs=40 --set "training.seeds=[1, 2, 3]"
```

A key with dots names a key within a section; a number names a place in a list (`network.conv_filters.0=24`). To replace a
section, give all of it: `--set "network={name: ee5180}"`. Numbers may be written as `0.001`, `1e-3` or `3e-1`. Paths count
from the working folder, the folder of the experiment file or the project's folder, whichever has them.

This is the whole of `experiments/best.yaml`:

```yaml
{best}
```
"""
SEARCH = """
A search space names dotted keys of the experiment, each with the values that it may take, in keras-tuner's own words:

```yaml
network.conv_filters.0: {int: {min: 16, max: 64, step: 8}}
network.dropout:        {float: {min: 0.0, max: 0.4, step: 0.1}}
training.learning_rate: {float: {min: 0.001, max: 0.02, sampling: log}}
frontend.n_mels:        {choice: [40, 64]}
```

Spaces that come with kerasinst are in `search_spaces/`."""


def render(best: str) -> str:
    """The page, as Markdown; `best` is the text of experiments/best.yaml."""
    top = _table(Experiment, skip_sections=False)
    parts = []
    for name, field in Experiment.model_fields.items():
        for section in _sections(field.annotation):
            parts.append(f"## {name}\n\n{_about(section)}\n\n{_table(section)}")
            if name == "search":
                parts.append(SEARCH.strip())
            if issubclass(section, sections.OpenSection):
                kind, page = {"dataset": ("reader", "datasets"), "frontend": ("front end", "front-ends")}.get(
                    name, ("network", "networks")
                )
                parts.append(f"Further keys are the options of the {kind}: see [all of them]({page}.md).")
            parts += _inner(section, name)
    listed = docstrings.markdown_table(
        ("variant", "what is done"), [(f"`{name}`", f"`{made}`") for name, made in sections.VARIANTS.items()]
    )
    introduction = INTRODUCTION.replace("{best}", best.strip())
    variants = (
        "## Variants that have a name\n\n`compress --variants` takes these without a word in the experiment file; "
        f"without `--variants` it makes {', '.join(f'`{name}`' for name in sections.USEFUL)}.\n\n{listed}"
    )
    following = "Next: [training](../guides/training.md), [verbs](verbs.md), [files of a run](run.md)."
    about = f"## All sections\n\n{_about(Experiment)}"
    return "\n\n".join(["# The experiment file", introduction, about, top, *parts, variants, following]) + "\n"


def _about(section: type[BaseModel]) -> str:
    text = inspect.cleandoc(section.__doc__ or "")
    return docstrings.function(text, {})


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


def _table(section: type[BaseModel], skip_sections: bool = True) -> str:
    rows = []
    for name, field in section.model_fields.items():
        kind, limits = _words(field.annotation)
        limits = [*_limits(field.metadata), *limits]
        inner = _sections(field.annotation)
        if inner and not skip_sections:
            kind, default = f"[section](#{name})", "required" if field.is_required() else "see there"
            default = "none" if not field.is_required() and field.default is None else default
        else:
            default = "required" if field.is_required() else docstrings.code(_shown(field.get_default(call_default_factory=True)))
        rows.append((docstrings.code(name), kind, default, ", ".join(limits)))
    return docstrings.markdown_table(("key", "type", "default", "limits"), rows)


def _shown(value: Any) -> str:
    if value is PydanticUndefined or value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel):
        return "see below"
    return str(value).replace("'", "")


def _words(annotation: Any) -> tuple[str, list[str]]:
    """What may be given, in words, and its limits."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation == sections.Named or origin is typing.Annotated and arguments[0] == typing.get_args(sections.Named)[0]:
        return "name, or {name: {option: value}}", []
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
        return f"list of {_plural(words)}", [f"each {limit}" for limit in limits]
    if origin is dict:
        words, limits = _words(arguments[1])
        return ("mapping" if words == "anything" else f"mapping to {words}"), [f"each {limit}" for limit in limits]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section", []
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "`true` or `false`", "Path": "path",
             "NoneType": "`null`", "Any": "anything"}  # fmt: skip
    return names.get(getattr(annotation, "__name__", str(annotation)), str(annotation)), []


def _plural(words: str) -> str:
    return {"text": "texts", "whole number": "whole numbers", "number": "numbers"}.get(words, words)


def _limits(metadata: Any) -> list[str]:
    """Limits of a value, in words."""
    signs = {annotated_types.Ge: ("ge", "≥"), annotated_types.Gt: ("gt", ">"), annotated_types.Le: ("le", "≤"),
             annotated_types.Lt: ("lt", "<")}  # fmt: skip
    found = []
    for item in metadata:
        if isinstance(item, annotated_types.MinLen):
            found.append(f"at least {item.min_length} of them")
        elif type(item) in signs:
            name, sign = signs[type(item)]
            found.append(f"{sign} {getattr(item, name)}")
        elif getattr(item, "metadata", None):
            found += _limits(item.metadata)
        elif getattr(item, "pattern", None):
            found.append(f"matches `{item.pattern}`")
    return found
