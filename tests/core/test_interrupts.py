"""Ctrl-C and SIGTERM end a program with one line."""

import signal
import subprocess
import sys

import pytest

from kerasinst.core import interrupts

LINE = "kerasinst: interrupted; the same command goes on where it stopped\n"


def _run(code: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_while_a_program_imports_it_ends_at_once(number):
    code = f"""
import os, signal, sys
sys.argv = ["-m"]
import kerasinst
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # as while Keras is imported
try:
    os.kill(os.getpid(), signal.{number})
except BaseException:
    print("imports may swallow it")
"""
    assert _run(code) == (1, "", LINE)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_while_a_verb_works_it_can_tidy_up(number):
    code = f"""
import os, signal, sys
sys.argv = ["kerasinst"]
import kerasinst
from kerasinst.core import cli
def main():
    try:
        os.kill(os.getpid(), signal.{number})
    finally:
        print("tidy")
cli.command(main)
"""
    assert _run(code) == (1, "tidy\n", LINE)


def test_a_training_ends_its_epoch_first_unless_it_is_asked_twice():
    code = """
import os, signal
from kerasinst.core import interrupts
interrupts.install()
with interrupts.raised():
    try:
        with interrupts.deferred() as check:
            os.kill(os.getpid(), signal.SIGINT)
            print("the epoch goes on")
            check()
    except KeyboardInterrupt:
        print("after the epoch")
    try:
        with interrupts.deferred():
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        print("at once")
"""
    code, out, err = _run(code)
    assert out.splitlines() == ["the epoch goes on", "after the epoch", "at once"]
    assert err.splitlines() == ["finishing the epoch; press Ctrl-C again to stop at once"] * 2


def test_signals_are_left_alone_where_kerasinst_is_only_imported():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with interrupts.raised(), interrupts.deferred() as check:
        check()
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
