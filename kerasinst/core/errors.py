"""What can go wrong that the person at the keyboard can mend."""

from collections.abc import Iterable
from difflib import get_close_matches


def printable(text: str) -> str:
    r"""The same text, with what is not valid Unicode escaped: names of files from old archives, for example.

    Example:
        >>> print(printable(os.fsdecode(b"caf\xe9.wav")))
        caf\xe9.wav
    """
    try:
        return text.encode(errors="surrogateescape").decode(errors="backslashreplace")
    except UnicodeEncodeError:  # halves of characters, which JSON can hold
        return text.encode(errors="backslashreplace").decode()


class BadInput(ValueError):
    """Something given to kerasinst is wrong; the message is one line that says what, and what to do.

    Verbs print it without a traceback and end with exit code 2.
    """

    def __init__(self, message: object = ""):
        super().__init__(printable(" ".join(str(message).splitlines())))  # what was given may hold line breaks


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
