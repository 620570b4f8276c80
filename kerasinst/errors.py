"""What can go wrong that the person at the keyboard can mend."""

from collections.abc import Iterable
from difflib import get_close_matches


class BadInput(ValueError):
    """Something given to kerasinst is wrong; the message is one line that says what, and what to do.

    Verbs print it without a traceback and end with exit code 2.
    """

    def __init__(self, message: object = ""):
        line = " ".join(str(message).splitlines())  # what was given may hold line breaks
        # names of files that are no UTF-8
        super().__init__(line.encode(errors="surrogateescape").decode(errors="backslashreplace"))


class AudioError(BadInput):
    """One audio file cannot be used; runs report it and go on without it."""


class Failed(RuntimeError):
    """Work was done, but its result is not what was asked for; verbs end with exit code 1."""


class ConversionFailed(Failed):
    """A model could not be converted, or does not say the same any more."""


class Diverged(ArithmeticError):
    """A training's loss stopped being a number; verbs end with exit code 1."""


def suggest(given: str, known: Iterable[str]) -> str:
    """Says which of the known names was probably meant, and lists them all.

    Example:
        >>> suggest("ee5810", ["ee5180", "separable"])
        "did you mean 'ee5180'? (known: ee5180, separable)"
    """
    known = sorted(map(str, known))
    nearest = get_close_matches(str(given), known, n=1, cutoff=0.5)
    names = f"known: {', '.join(known) or 'none'}"
    return f"did you mean '{nearest[0]}'? ({names})" if nearest else names
