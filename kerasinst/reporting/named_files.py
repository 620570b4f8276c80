"""Names files after the recordings that they belong to."""

from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path

from kerasinst.core import files
from kerasinst.core.errors import BadInput

LONGEST = 150
"""Largest number of bytes of a name; file systems take 255, with all that is added to it."""


class NamedFiles:
    """A folder with files that take the names of recordings.

    Args:
        folder: folder, which is made unless it is there.
        taken: names that are not given again.

    Attributes:
        folder: the folder.
        taken: names that were given, in small letters.

    Raises:
        BadInput: if it cannot be made.
    """

    def __init__(self, folder: str | Path, taken: Iterable[str] = ()) -> None:
        self.folder = Path(folder)
        self.taken = {name.casefold() for name in taken}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be made a folder ({error.strerror}); name another one") from None

    def name_for(self, recording: Path) -> str:
        """Names the next file after a recording, without a suffix; a name that is taken gets a number.

        Args:
            recording: path of the recording.
        """
        stem = files.slug(recording.stem).encode()[:LONGEST].decode(errors="ignore")
        names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        name = next(each for each in names if each.casefold() not in self.taken)
        self.taken.add(name.casefold())
        return name
