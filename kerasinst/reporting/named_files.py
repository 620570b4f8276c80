"""Names files after the recordings that they belong to."""

from itertools import chain, count
from pathlib import Path

from kerasinst.core import files
from kerasinst.core.errors import BadInput


class NamedFiles:
    """A folder with files that take the names of recordings.

    Args:
        folder: folder, which is made unless it is there.

    Attributes:
        folder: the folder.

    Raises:
        BadInput: if it cannot be made.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._taken: set[str] = set()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be made a folder ({error.strerror}); name another one") from None

    def name_for(self, recording: Path) -> str:
        """Names the next file after a recording, without a suffix; a name that is taken gets a number.

        Args:
            recording: path of the recording.
        """
        stem = files.slug(recording.stem)
        names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        name = next(each for each in names if each.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name
