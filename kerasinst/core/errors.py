"""Defines the errors of kerasinst, whose messages are written for users."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Signs that change the direction of the text behind them."""


def printable(text: str) -> str:
    r"""Escapes what is not valid Unicode in a text, such as the name of a file from an old archive.

    Args:
        text: text that may hold what is not valid Unicode.

    Example:
        >>> print(printable(os.fsdecode(b"caf\xe9.wav")))
        caf\xe9.wav
    """
    try:
        return text.encode(errors="surrogateescape").decode(errors="backslashreplace")
    except UnicodeEncodeError:  # surrogates that stand for no byte, which JSON can hold
        return text.encode(errors="backslashreplace").decode()


def one_line(text: str) -> str:
    r"""Escapes line breaks and all else that moves the cursor of a terminal or turns text around.

    Args:
        text: any text, such as the name of a file.

    Example:
        >>> print(one_line("two\nlines"))
        two\nlines
    """
    moving = {sign for sign in set(text) if unicodedata.category(sign) in ("Cc", "Zl", "Zp") or sign in TURNING}
    return printable("".join(sign.encode("unicode_escape").decode() if sign in moving else sign for sign in text))


class BadInput(ValueError):
    """An error in what was given to kerasinst. Its message is one line that says what is wrong and what to do.

    Verbs print the message without a traceback, and end with exit code 2.
    """

    def __init__(self, message: object = ""):
        super().__init__(one_line(" ".join(str(message).splitlines())))  # the input may hold line breaks


class AudioError(BadInput):
    """An error in one audio file. Verbs that use several files report it, and go on without the file."""


class Failed(RuntimeError):
    """An error in a result, which is not what was asked for. Verbs end with exit code 1."""


class ConversionFailed(Failed):
    """An error in a converted model: it could not be made, or does not give the same scores as before."""


class Diverged(ArithmeticError):
    """An error in a training, whose loss is no longer a number. Verbs end with exit code 1."""


def suggest(given: str, known: Iterable[str]) -> str:
    """Says which of the known names was probably meant, and lists them all.

    Args:
        given: name that is not known.
        known: names that are known.

    Example:
        >>> suggest("ee5810", ["ee5180", "separable"])
        "did you mean 'ee5180'? (known: ee5180, separable)"
    """
    known = sorted(map(str, known))
    nearest = get_close_matches(str(given), known, n=1, cutoff=0.5)
    names = f"known: {', '.join(known) or 'none'}"
    return f"did you mean '{nearest[0]}'? ({names})" if nearest else names
