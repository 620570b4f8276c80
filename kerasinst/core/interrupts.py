"""Ends a program with one line on Ctrl-C or SIGTERM, after the epoch that is running if a network trains."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

MESSAGE = "interrupted; the same command goes on where it stopped"
"""Line that an interrupted program ends with."""


class Asked(KeyboardInterrupt):
    """Ctrl-C was pressed, and the work has come to a place where it may end."""


class _State:
    """What this process does with signals."""

    stderr: int | None = None
    """Copy of stderr, which stays open while imports have theirs redirected; None if signals are left alone."""
    training = False
    pending = False


def install() -> None:
    """Lets Ctrl-C and SIGTERM end the program at once with one line and exit code 1, as fits its first imports.

    Programs call this; in a process that only imports kerasinst, signals are left alone.
    """
    if threading.current_thread() is threading.main_thread():
        _State.stderr = os.dup(2)
        _handle(_end)


@contextmanager
def at_once() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM end the program at once while the block imports modules, which may not pass errors on."""
    with _handled_by(_end):
        yield


@contextmanager
def raised() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM raise KeyboardInterrupt while the block works, so that it can tidy up."""
    with _handled_by(_raise):
        yield


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """Lets a first Ctrl-C wait while the block trains; SIGTERM and a second Ctrl-C raise KeyboardInterrupt at once.

    Yields:
        Function that raises `Asked` if Ctrl-C was pressed; it is to be called where the work may end, as after each
        epoch. The end of the block calls it, too.
    """
    _State.training, _State.pending = True, False

    def check() -> None:
        if _State.pending:
            raise Asked

    try:
        yield check
        check()
    finally:
        _State.training = _State.pending = False


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Sets the handler of both signals for a block, if `install` was called."""
    if _State.stderr is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    _handle(handler)
    try:
        yield
    finally:
        _handle(before)


def _handle(handler: Any) -> None:
    """Sets the handler of both signals."""
    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)


def _end(number: int, frame: FrameType | None) -> None:
    """Ends the program."""
    if _State.stderr is not None:
        os.write(_State.stderr, f"kerasinst: {MESSAGE}\n".encode())
    os._exit(1)


def _raise(number: int, frame: FrameType | None) -> None:
    """Raises KeyboardInterrupt, or notes that it is to be raised after the epoch."""
    if number == signal.SIGINT and _State.training and not _State.pending:
        from kerasinst.core import console  # which takes long to import

        _State.pending = True
        console.say("finishing the epoch; press Ctrl-C again to stop at once")
        return
    raise KeyboardInterrupt
