"""Says in one line what is wrong with an experiment."""

from typing import Any

from pydantic import BaseModel, ValidationError

from kerasinst.core.errors import suggest


def first_problem(error: ValidationError, model: type[BaseModel]) -> str:
    """Describes the first problem that pydantic found, as `key: what is wrong, what was given, what is allowed`.

    Args:
        error: error of pydantic.
        model: model that was validated.
    """
    first, *others = error.errors()
    key = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        section = _section(model, first["loc"][:-1])
        message = f"there is no such key; {suggest(str(first['loc'][-1]), section.model_fields)}"
    elif first["type"] == "missing":
        message = "this key is missing; add it"
    elif first["type"] not in ("value_error", "assertion_error"):
        message += f", but {first['input']!r} was given"
    more = f" (and {len(others)} more)" if others else ""
    return f"{key}: {message}{more}" if key else f"{message}{more}"


def _section(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """Finds the section at a location."""
    section: Any = model
    for part in location:
        if part not in section.model_fields:  # a name in a dictionary of sections
            continue
        section = section.model_fields[part].annotation
        if not isinstance(section, type):
            section = next(kind for kind in section.__args__ if isinstance(kind, type) and issubclass(kind, BaseModel))
    return section
