"""Search spaces: dotted keys of the experiment, each with its possible values, in the terms of keras-tuner."""

import builtins
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kerasinst.core.errors import BadInput, suggest
from kerasinst.experiment import Experiment

if TYPE_CHECKING:
    import keras_tuner

SEARCHABLE = ("frontend", "network", "training")
"""Sections whose keys may vary; data, audio and split stay the same, so that trials can be compared."""


class _Range(BaseModel):
    """Numbers from a smallest to a greatest one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sampling: Literal["linear", "log", "reverse_log"] = "linear"
    min: float
    max: float

    @model_validator(mode="after")
    def _ordered(self) -> "_Range":
        """Refuses options that do not go together."""
        if self.min >= self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if self.sampling != "linear" and self.min <= 0:
            raise ValueError(f"sampling {self.sampling} needs a min above 0, not {self.min}")
        if self.sampling != "linear" and "step" in self.model_fields_set:
            raise ValueError(f"sampling {self.sampling} takes no step")
        return self


class _Int(_Range):
    """Whole numbers."""

    min: int
    max: int
    step: int = Field(default=1, ge=1)


class _Float(_Range):
    """Numbers with or without a step; without one, any number in the range."""

    min: float
    max: float
    step: float | None = Field(default=None, gt=0)


class _Entry(BaseModel):
    """The possible values of a key, in exactly one of three forms."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    int: _Int | None = None
    float: _Float | None = None
    choice: list[Any] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one(self) -> "_Entry":
        """Refuses an entry with no form or with several."""
        if sum(value is not None for value in (self.int, self.float, self.choice)) != 1:
            raise ValueError("give exactly one of int, float, choice")
        return self

    @property
    def span(self) -> _Int | _Float:
        """The range of an entry without choices."""
        span = self.int or self.float
        if span is None:
            raise TypeError("an entry with choices has no range")
        return span

    @property
    def size(self) -> builtins.int | None:
        """Number of values; None if there is no step."""
        if self.choice:
            return len(self.choice)
        span = self.span
        if isinstance(span, _Int):
            return (span.max - span.min) // span.step + 1
        if span.step is None:
            return None
        return math.floor((span.max - span.min) / span.step + 1e-9) + 1

    def holds(self, value: Any) -> bool:
        """Tells whether a value is a number in the range, on one of its steps."""
        span = self.span
        if isinstance(value, bool) or not isinstance(value, builtins.int | builtins.float):
            return False
        steps = (value - span.min) / span.step if span.step else 0
        return span.min <= value <= span.max and abs(steps - round(steps)) < 1e-9

    def value(self, drawn: Any) -> Any:
        """Gives the value for what keras-tuner drew: a choice, or a number without the rounding error of its steps."""
        if self.choice:
            return self.choice[drawn] if self.by_position else drawn
        return float(f"{drawn:.12g}") if self.float and self.float.step else drawn

    @property
    def by_position(self) -> bool:
        """Whether choices are drawn by position, since keras-tuner only takes choices of one plain type."""
        kinds = {type(value) for value in self.choice or ()}
        return len(kinds) > 1 or not kinds <= {builtins.int, builtins.float, str, bool}


class Space:
    """The values that a search may try.

    Args:
        content: content of a file in search_spaces/, such as `{"training.learning_rate": {"choice": [0.1, 0.01]}}`.
        experiment: experiment whose keys vary.

    Raises:
        BadInput: if an entry is malformed, or the experiment refuses a value of it.

    Example:
        >>> Space({"network.conv_dropout": {"float": {"min": 0.1, "max": 0.5}}}, experiment)
    """

    def __init__(self, content: Mapping[str, Any], experiment: Experiment) -> None:
        if not content:
            raise BadInput("search.space: it is empty; name at least one key that may vary")
        self.experiment = experiment
        self.entries = {key: _entry(key, value) for key, value in content.items()}
        for key, values in self.extremes().items():
            for value in values:
                try:
                    experiment.override({key: value})
                except BadInput as error:
                    raise BadInput(f"search.space: {key}: {error} (another space: --set search.space=FILE)") from None

    def extremes(self) -> dict[str, list[Any]]:
        """Gives both ends of each range and all choices of each list, by key."""
        return {key: entry.choice or [entry.span.min, entry.span.max] for key, entry in self.entries.items()}

    @property
    def size(self) -> int | None:
        """Number of combinations; None if a key has a continuous range."""
        counts = [entry.size for entry in self.entries.values()]
        known = [count for count in counts if count is not None]
        return math.prod(known) if len(known) == len(counts) else None

    def declare(self, hyperparameters: "keras_tuner.HyperParameters") -> None:
        """Declares every key to keras-tuner, with the experiment's values as defaults if the space holds them all."""
        written = self.as_written() or {}
        for key, entry in self.entries.items():
            about = {"default": written.get(key)}
            if entry.choice:
                options = list(range(len(entry.choice))) if entry.by_position else entry.choice
                hyperparameters.Choice(key, options, ordered=False, **about)
            elif entry.int:
                width = dict(step=entry.int.step) if entry.int.sampling == "linear" else {}
                hyperparameters.Int(key, entry.int.min, entry.int.max, sampling=entry.int.sampling, **width, **about)
            else:
                span = entry.span
                highest = span.max + (span.step or 0) * 1e-6  # keras-tuner loses 0.3 of 0.0 to 0.3 in steps of 0.1
                hyperparameters.Float(key, span.min, highest, step=span.step, sampling=span.sampling, **about)

    def as_written(self) -> dict[str, Any] | None:
        """Gives the values by which keras-tuner gets the experiment as it is written; None if the space lacks them."""
        drawn = {}
        for key, entry in self.entries.items():
            value = self.experiment.value(key)
            if entry.choice:
                same = (index for index, choice in enumerate(entry.choice) if self._is(key, choice))
                value = next(same, None)
                if value is not None and not entry.by_position:
                    value = entry.choice[value]
            elif not entry.holds(value):
                value = None
            elif entry.float and entry.float.step:  # as keras-tuner computes it, so that it is not drawn again
                value = entry.float.min + round((value - entry.float.min) / entry.float.step) * entry.float.step
            if value is None:
                return None
            drawn[key] = value
        return drawn

    def _is(self, key: str, value: Any) -> bool:
        """Tells whether the experiment has this value, however it is written."""
        return self.experiment.value(key) is not None and self.experiment.override({key: value}) == self.experiment

    def values(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Gives the values of the experiment's keys for those that keras-tuner drew."""
        return {key: entry.value(drawn[key]) for key, entry in self.entries.items()}


def _entry(key: str, value: Any) -> _Entry:
    """Checks an entry."""
    section = key.split(".")[0]
    if section not in SEARCHABLE:
        raise BadInput(f"search.space: '{key}' cannot vary in a search; {suggest(section, SEARCHABLE)}")
    try:
        return _Entry.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (key, *first["loc"])))
        raise BadInput(
            f"search.space: {where}: {first['msg']}, but {first['input']!r} was given; "
            "write for example {int: {min: 16, max: 64, step: 8}} or {choice: [1, 3, 5]}"
        ) from None
