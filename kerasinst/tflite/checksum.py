"""Tells whether a file is as it was written, by a checksum that it holds of itself."""

import hashlib
import re

EMPTY = "0" * 64
"""What stands in place of the checksum while it is computed."""
PATTERN = re.compile(rb'"checksum":"([0-9a-f]{64})"')
"""Where the checksum stands in a file, in its description."""
MARK = b"kerasinst, with a checksum"
"""What the model calls itself, so that a file whose checksum cannot be found any more is not taken for an old one."""


class Damaged(ValueError):
    """The file is not as it was written."""


def with_checksum(content: bytes) -> bytes:
    """Writes the checksum of a file into its description.

    Args:
        content: content of the file, with `EMPTY` as the `checksum` of its description.
    """
    digest = hashlib.sha256(content).hexdigest().encode()
    return PATTERN.sub(b'"checksum":"' + digest + b'"', content, count=1)


def verify(content: bytes) -> None:
    """Compares a file with the checksum in its description.

    Files of version 0.1 and of other origin have none, and are passed over. Nothing of the file is parsed before, since
    a changed byte can lead a parser anywhere.

    Args:
        content: content of a `.tflite` file.

    Raises:
        Damaged: if it differs.
    """
    found = PATTERN.search(content)
    if found is None:
        if MARK in content:
            raise Damaged("its checksum is missing")
        return
    whole = content[: found.start(1)] + EMPTY.encode() + content[found.end(1) :]
    if hashlib.sha256(whole).hexdigest().encode() != found.group(1):
        raise Damaged("its checksum differs, so it was changed after kerasinst wrote it")
