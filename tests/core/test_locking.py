"""One process at a time writes into a folder."""

import signal
import subprocess
import sys

import pytest
from filelock import FileLock

from kerasinst.core.errors import BadInput
from kerasinst.core.locking import locked, waiting_for

HOLD = """
import sys
from pathlib import Path
from kerasinst.core.locking import locked, waiting_for
with locked(Path(sys.argv[1])):
    (Path(sys.argv[1]) / "work").touch()
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_and_told_which_is_the_first(holder, tmp_path):
    with pytest.raises(BadInput, match=f"process {holder.pid} on .* is writing into it"), locked(tmp_path / "run"):
        pass
    holder.communicate()
    with locked(tmp_path / "run"):
        pass


def test_the_lock_of_a_dead_process_is_taken_over(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locked(tmp_path / "run"), locked(tmp_path / "run"):
        pass
    assert not (tmp_path / "run" / ".owner.json").exists()


def test_a_folder_in_which_nothing_was_written_does_not_stay(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "run"):
        raise ZeroDivisionError
    assert not (tmp_path / "run").exists()


def test_where_a_file_system_has_no_locks_work_goes_on_with_a_remark(tmp_path, monkeypatch, capsys):
    def refuse(lock, timeout=None):
        raise NotImplementedError

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with locked(tmp_path / "run"), waiting_for(tmp_path / "run" / "trial_0"):
        (tmp_path / "run" / "work").touch()
    assert capsys.readouterr().err.count("this file system has no locks") == 1
