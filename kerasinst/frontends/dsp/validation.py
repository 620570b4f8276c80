"""Types and checks of the arguments of front ends."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError, validate_call

Value = TypeVar("Value")

Rate = Annotated[StrictInt | StrictFloat, Field(ge=1000, le=768_000)]
"""A sample rate in Hz."""
Count = Annotated[int, Field(strict=True, ge=1, le=2**20)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
NotNegative = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
Flag = StrictBool
Window = StrictStr | tuple[StrictStr, Number]
"""A name that `scipy.signal.get_window` knows, or a name with its parameter."""
Form = Literal["rfft", "conv", "computed"]
"""Form of the Fourier transform; see `dft.py`."""
Tables = Literal["stored", "computed"]
"""Whether a front end stores its tables, or computes them each time, for small files."""


def default(value: Value | None, otherwise: Value) -> Value:
    """Gives the value, or the other one if it is None."""
    return otherwise if value is None else value


def checked(init: Callable[..., None]) -> Callable[..., None]:
    """Wraps an `__init__` so that its arguments are checked by their annotations.

    Returns:
        An `__init__` that raises a ValueError, naming the first argument that is not what its annotation says.
    """
    call = validate_call(init)

    @functools.wraps(init)
    def of_checked(self: object, *args: Any, **kwargs: Any) -> None:
        try:
            call(self, *args, **kwargs)
        except ValidationError as error:
            raise ValueError(_first(error)) from None

    # Keras does not look through `functools.wraps`, and mypy does not know that functions take any attribute.
    of_checked.__signature__ = inspect.signature(init)  # type: ignore[attr-defined]
    return of_checked


def _first(error: ValidationError) -> str:
    """Says in one line what is wrong with the first argument that is refused."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in ("str", "int", "float")]  # members of unions
    name = ".".join(part for part in place if part.isalnum() or part.isidentifier())
    message = first["msg"][0].lower() + first["msg"][1:]
    given = "" if first["type"] in ("missing_argument", "extra_forbidden") else f"={first['input']!r}"
    return f"{name}{given}: {message}"


def refuse_band(fmin: float, fmax: float, *, sample_rate: float) -> None:
    """Raises a ValueError unless `fmin` and `fmax`, in Hz, lie in order within half of the sample rate."""
    if not 0 <= fmin < fmax <= sample_rate / 2:
        raise ValueError(f"fmin={fmin} and fmax={fmax} Hz must lie in order within half of {sample_rate} Hz")
