"""What arguments of front ends may be."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError, validate_call

Rate = Annotated[StrictInt | StrictFloat, Field(ge=1000, le=768_000)]
"""In Hz."""
Count = Annotated[int, Field(strict=True, ge=1, le=2**20)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
NotNegative = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
Flag = StrictBool
Window = StrictStr | tuple[StrictStr, Number]
"""A name that `scipy.signal.get_window` knows, or a name with its parameter."""
Form = Literal["rfft", "conv", "computed"]
"""Of the Fourier transform; see `dft.py`."""


def default(value, otherwise):
    """The value, or what stands for None."""
    return otherwise if value is None else value


def checked(init: Callable) -> Callable:
    """An `__init__` whose arguments are what their annotations say, or a ValueError names the first that is not."""
    call = validate_call(init)

    @functools.wraps(init)
    def of_checked(self, *args, **kwargs):
        try:
            call(self, *args, **kwargs)
        except ValidationError as error:
            raise ValueError(_first(error)) from None

    of_checked.__signature__ = inspect.signature(init)  # Keras does not look through `functools.wraps`
    return of_checked


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in ("str", "int", "float")]  # members of unions
    name = ".".join(part for part in place if part.isalnum() or part.isidentifier())
    message = first["msg"][0].lower() + first["msg"][1:]
    given = "" if first["type"] in ("missing_argument", "extra_forbidden") else f"={first['input']!r}"
    return f"{name}{given}: {message}"


def refuse_band(fmin: float, fmax: float, *, sample_rate: float) -> None:
    """Raises a ValueError unless `fmin` and `fmax` lie in order within half of the sample rate."""
    if not 0 <= fmin < fmax <= sample_rate / 2:
        raise ValueError(f"fmin={fmin} and fmax={fmax} Hz must lie in order within half of {sample_rate} Hz")
