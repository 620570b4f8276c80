"""Locks folders, so that two processes do not write into one at the same time."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from kerasinst.core import console, files
from kerasinst.core.errors import BadInput

LOCK = ".lock"
"""Name of the file that is locked; the system frees it when its process ends, however it ends."""
OWNER = ".owner.json"
"""Name of the file that says which process holds the lock."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of a folder while the block runs. The same process may lock it again within the block.

    Args:
        folder: path of the folder, which is made if it is not there, and removed again if nothing was written into it.

    Raises:
        BadInput: if another process holds the lock; the message names its process id.

    Example:
        >>> with locked(Path("runs/quickstart")):
        ...     search(experiment, run="runs/quickstart")
    """
    lock = _lock(folder)
    try:
        _acquire(lock, timeout=0)
    except Timeout:
        raise BadInput(f"{folder}: {_owner(folder)} is writing into it; wait for it, or give another --run") from None
    outermost = lock.lock_counter == 1
    try:
        if outermost:
            files.write_json(folder / OWNER, {"process": os.getpid(), "host": socket.gethostname()})
        yield
    finally:
        if outermost:
            (folder / OWNER).unlink(missing_ok=True)
        lock.release()
        if outermost and not {path.name for path in folder.iterdir()} - {LOCK}:
            with suppress(OSError):  # another process has just begun to write into it
                (folder / LOCK).unlink()
                folder.rmdir()


@contextmanager
def waiting_for(folder: Path) -> Iterator[None]:
    """Waits until no other process works in a folder, and then does as `locked`.

    Args:
        folder: path of the folder, which is made if it is not there.
    """
    lock = _lock(folder)
    _acquire(lock, timeout=-1)
    try:
        yield
    finally:
        lock.release()


def _lock(folder: Path) -> FileLock:
    """Returns the lock of a folder, the same one each time in a process."""
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / LOCK, is_singleton=True)


def _acquire(lock: FileLock, timeout: float) -> None:
    """Takes a lock, or goes on without it where there are none."""
    try:
        lock.acquire(timeout=timeout)
    except NotImplementedError:
        console.say_once("this file system has no locks: do not let two processes write into one run")


def _owner(folder: Path) -> str:
    """Describes the process that holds the lock of a folder."""
    try:
        owner = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        return f"process {owner['process']} on {owner['host']}"
    except (OSError, ValueError, KeyError):  # it has only just begun
        return "another process"
