"""The values that one key of a search space may take, in the terms of keras-tuner."""

import builtins
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kerasinst.core.errors import BadInput

if TYPE_CHECKING:
    import keras_tuner

FORMS = ("int", "float", "choice", "boolean", "fixed")
"""Forms in which the values of a key are given."""


class _Range(BaseModel):
    """Numbers from a smallest to a greatest one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sampling: Literal["linear", "log", "reverse_log"] = "linear"
    min: float
    max: float
    step: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> "_Range":
        """Refuses options that do not go together."""
        if self.min >= self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if self.sampling != "linear" and self.min <= 0:
            raise ValueError(f"sampling {self.sampling} needs a min above 0, not {self.min}")
        if self.sampling == "reverse_log" and self.step is not None:
            raise ValueError("sampling reverse_log takes no step")
        if self.sampling == "log" and self.step is not None and self.step <= 1:
            raise ValueError(f"step {self.step} must be above 1, as sampling log multiplies by it")
        return self

    @property
    def steps(self) -> int | None:
        """Number of values; None if there is no step."""
        return None if self.step is None else math.floor(self.place(self.max) + 1e-9) + 1

    def place(self, value: float) -> float:
        """Gives the number of steps from the smallest value to another one."""
        if self.step is None:
            return 0.0
        if self.sampling == "log":
            return math.log(value / self.min) / math.log(self.step)
        return (value - self.min) / self.step

    def at(self, place: int) -> float:
        """Gives the value after a number of steps, as keras-tuner computes it."""
        step = self.step or 0
        return self.min * step**place if self.sampling == "log" else self.min + place * step


class _Int(_Range):
    """Whole numbers."""

    min: int
    max: int
    step: int | None = Field(default=None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _by_one(cls, given: Any) -> Any:
        """Makes the step 1 if none is given."""
        if isinstance(given, dict) and given.get("sampling", "linear") == "linear" and given.get("step") is None:
            return {**given, "step": 1}
        return given


class _Float(_Range):
    """Numbers with or without a step; without one, any number in the range."""


class _Boolean(BaseModel):
    """True or false."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Values(BaseModel):
    """The values that a key may take, in exactly one of five forms, and when the key applies.

    - `int`, `float`: numbers from `min` to `max`, with an optional `step` and `sampling` (`linear`, `log`,
      `reverse_log`); with `log`, each step multiplies.
    - `choice`: a list of values of any type.
    - `boolean`: true or false; write `{boolean: {}}`.
    - `fixed`: one value.
    - `when`: values of other keys of the space for which this one applies, such as `{network.name: [strided, ds_cnn]}`.

    Example:
        >>> Values.parse("network.blocks", {"int": {"min": 1, "max": 3}}).size
        3
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    int: _Int | None = None
    float: _Float | None = None
    choice: list[Any] | None = Field(default=None, min_length=1)
    boolean: _Boolean | None = None
    fixed: Any = None
    when: dict[str, list[Any]] = {}

    @field_validator("when", mode="before")
    @classmethod
    def _lists(cls, when: Any) -> Any:
        """Takes one value for a list of one."""
        if not isinstance(when, dict):
            return when
        return {key: values if isinstance(values, list) else [values] for key, values in when.items()}

    @model_validator(mode="after")
    def _one(self) -> "Values":
        """Refuses an entry with no form or with several."""
        given = [form for form in FORMS if form in self.model_fields_set]
        if len(given) != 1 or (given != ["fixed"] and getattr(self, given[0]) is None):
            raise ValueError(f"give exactly one of {', '.join(FORMS)}")
        return self

    @classmethod
    def parse(cls, key: str, content: Any) -> "Values":
        """Checks an entry of a search space.

        Args:
            key: dotted key.
            content: content of the entry.

        Raises:
            BadInput: if it is malformed.
        """
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, (key, *first["loc"])))
            raise BadInput(
                f"search.space: {where}: {first['msg']}, but {first['input']!r} was given; "
                "write for example {int: {min: 16, max: 64, step: 8}} or {choice: [1, 3, 5]}"
            ) from None

    @property
    def range(self) -> _Int | _Float | None:
        """The range, or None if there is a list of values."""
        return self.int or self.float

    @property
    def listed(self) -> list[Any]:
        """All values of an entry that is no range."""
        if self.boolean:
            return [True, False]
        return self.choice or [self.fixed]

    @property
    def extremes(self) -> list[Any]:
        """Both ends of a range, or all values of a list."""
        return [self.range.min, self.range.max] if self.range else self.listed

    @property
    def size(self) -> builtins.int | None:
        """Number of values; None if there is no step."""
        if self.range is None:
            return len(self.listed)
        if self.int and self.int.step is None:
            return self.int.max - self.int.min + 1
        return self.range.steps

    def holds(self, value: Any) -> bool:
        """Returns True if a value is one of them, as it is written."""
        if self.range is None:
            return any(type(value) is type(other) and value == other for other in self.listed)
        if isinstance(value, bool) or not isinstance(value, builtins.int | builtins.float):
            return False
        if not self.range.min <= value <= self.range.max:
            return False
        place = self.range.place(value)
        return abs(place - round(place)) < 1e-9

    def drawn(self, value: Any) -> Any:
        """Gives what keras-tuner draws for a value that is one of them."""
        if self.range is None:
            place = next(place for place, other in enumerate(self.listed) if other == value)
            return place if self.by_position else self.listed[place]
        if self.float and self.float.step:
            return self.float.at(round(self.float.place(value)))
        return value

    def value(self, drawn: Any) -> Any:
        """Gives the value for what keras-tuner drew: a number comes without the rounding error of its steps."""
        if self.range is None:
            return self.listed[drawn] if self.by_position else drawn
        return float(f"{drawn:.12g}") if self.float and self.float.step else drawn

    @property
    def by_position(self) -> bool:
        """Whether values are drawn by position, since keras-tuner only takes choices of one plain type."""
        kinds = {type(value) for value in self.listed}
        return len(kinds) > 1 or not kinds <= {builtins.int, builtins.float, str, bool}

    def declare(self, name: str, hyperparameters: "keras_tuner.HyperParameters", *, default: Any = None) -> None:
        """Declares the hyperparameter to keras-tuner.

        Args:
            name: name of the hyperparameter.
            hyperparameters: where it is declared, in the scope of its conditions.
            default: what is drawn first by tuners that begin with defaults; None is the first value.
        """
        if self.range:
            declare = hyperparameters.Int if self.int else hyperparameters.Float
            highest = self.range.max
            if self.float:  # keras-tuner loses 0.3 of 0.0 to 0.3 in steps of 0.1
                highest += (self.range.step or 0) * 1e-6
            declare(name, self.range.min, highest, step=self.range.step, sampling=self.range.sampling, default=default)
            return
        options: Sequence[Any] = range(len(self.listed)) if self.by_position else self.listed
        if self.boolean:
            hyperparameters.Boolean(name, default=bool(default))
        elif "fixed" in self.model_fields_set:
            hyperparameters.Fixed(name, options[0])
        else:
            hyperparameters.Choice(name, list(options), ordered=False, default=default)
