"""Workers of this machine: what happens when one dies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasinst.core import parallel, worker_pools
from kerasinst.core.errors import Failed
from kerasinst.core.worker_pools import WorkerDied


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Workers do not import Keras, which nothing here needs."""
    monkeypatch.setattr(worker_pools, "begin_worker", _begin)


def _begin(parent, with_keras):
    """Does nothing."""


def _square(number):
    return number**2, os.getpid(), os.environ["TF_NUM_INTRAOP_THREADS"]


def _die(folder):
    """Kills its process, until the folder holds as many marks as its name says."""
    marks = len(list(folder.iterdir()))
    if marks < int(folder.name):
        (folder / str(marks)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marks


def test_items_are_shared_by_processes_of_one_thread_each():
    with parallel.backend(workers=2):
        results = list(parallel.run_all(_square, list(range(8))))
    assert [square for square, _, _ in results] == [number**2 for number in range(8)]
    processes = {process for _, process, _ in results}
    assert os.getpid() not in processes and len(processes) <= 2
    assert {threads for _, _, threads in results} == {"1"}


def test_without_a_choice_all_is_done_in_this_process():
    assert list(parallel.run_all(os.getpgid, [0, 0])) == [os.getpgid(0)] * 2


def test_work_whose_worker_dies_is_begun_again_and_fails_after_three_deaths(tmp_path):
    """Other work goes on undisturbed."""
    folders = [tmp_path / str(deaths) for deaths in (0, 1, 2, 3)]
    for folder in folders:
        folder.mkdir()
    with parallel.backend(workers=2), parallel.pool(_die) as workers:
        futures = [workers.submit(folder) for folder in reversed(folders)]
        with pytest.raises(WorkerDied, match=r"died each time it was tried \(SIGKILL"):
            futures[0].result()
        assert [future.result() for future in futures[1:]] == [2, 1, 0]


def test_an_error_of_the_function_is_raised_here():
    with parallel.backend(workers=1), pytest.raises(ZeroDivisionError):
        list(parallel.run_all(_inverse, [0]))


def _inverse(number):
    return 1 / number


def test_workers_end_with_their_parent(tmp_path):
    """Even if it is killed."""
    code = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from kerasinst.core import parallel
import test_worker_pools
with parallel.backend(workers=1), parallel.pool(test_worker_pools._wait) as workers:
    workers.submit({str(tmp_path / "fifo")!r})
    open({str(tmp_path / "fifo")!r}).read(1)
    os.kill(os.getpid(), 9)
"""
    os.mkfifo(tmp_path / "fifo")
    parent = subprocess.Popen([sys.executable, "-c", code])
    assert parent.wait() == -signal.SIGKILL
    with open(tmp_path / "fifo") as ended:  # the worker holds it open for writing until it ends
        ended.read()


def _wait(fifo):
    with open(fifo, "w") as file:
        file.write("x")
        file.flush()
        signal.pause()


def test_a_worker_that_cannot_start_is_no_fault_of_the_work(monkeypatch):
    monkeypatch.setattr(worker_pools, "begin_worker", _end)
    with parallel.backend(workers=1), pytest.raises(Failed, match="worker processes cannot start") as caught:
        list(parallel.run_all(_square, [1]))
    assert not isinstance(caught.value, WorkerDied)


def _end(parent, with_keras):
    os._exit(1)


_KEPT: list[np.ndarray] = []


def _grow(size):
    """Keeps an array and computes for longer than loky waits before it looks at the memory of a process."""
    _KEPT.append(np.ones(size))
    for _ in range(40):
        np.linalg.svd(np.ones((400, 400)))
    return os.getpid()


def test_a_process_whose_work_takes_memory_is_not_replaced():
    with parallel.backend(1), parallel.pool(_grow) as workers:
        processes = [workers.submit(size).result() for size in (50_000_000, 1, 1)]
    assert len(set(processes)) == 1
