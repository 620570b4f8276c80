"""Pools of workers, which call one function with one long piece of work after the other."""

import multiprocessing
import os
import re
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

import cloudpickle

from kerasinst.core.cli import load_keras
from kerasinst.core.console import quieten
from kerasinst.core.errors import Failed

DEATHS = 3
"""Number of processes that a piece of work may kill before it fails."""
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # results do not depend on the number of workers if each computes in one thread
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # workers may share a GPU
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOKY_MAX_CPU_COUNT": "1",  # what a worker computes in parallel stays in it
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e9",  # a training needs more than the 300 MB after which loky replaces a process
}
"""Environment of a worker."""

_alone = threading.Lock()
"""Held while a worker of a cluster works, even if Dask gives it several threads."""
_children: list["Processes"] = []
"""Child process in which a worker of a cluster works."""


class WorkerDied(Failed):
    """An error in a piece of work that killed its worker again and again."""


class Pool(Protocol):
    """Workers that call one function.

    Attributes:
        size: number of pieces of work that run at the same time.
        elsewhere: whether they run in other processes.
    """

    size: int
    elsewhere: bool

    def submit(self, item: Any) -> "Future[Any]":
        """Calls the function with an item, and returns the future result.

        The future raises what the function raises, and `WorkerDied` if the item killed one worker after the other.

        Args:
            item: the piece of work.
        """

    def close(self) -> None:
        """Ends the workers, whatever they do."""


class ThisProcess:
    """Calls the function when it is asked to.

    Args:
        function: function of one piece of work.
    """

    size = 1
    elsewhere = False

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def submit(self, item: Any) -> "Future[Any]":
        """Calls the function, and returns its result as a future."""
        future: Future[Any] = Future()
        try:
            future.set_result(self.function(item))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Does nothing."""


class _Work(NamedTuple):
    """A piece of work, and how many processes it has killed."""

    future: "Future[Any]"
    item: Any
    deaths: int = 0


class Processes:
    """Processes of this machine, each in an executor of its own, so that the death of one disturbs no other.

    Args:
        function: function of one piece of work, which can be pickled.
        size: number of processes; each starts with its first piece of work.
    """

    elsewhere = True

    def __init__(self, function: Callable[[Any], Any], size: int) -> None:
        self.function, self.size = function, size
        warnings.filterwarnings("ignore", "A worker was restarted", UserWarning)  # which loses nothing
        self.changing = threading.RLock()
        self.closed = False
        self.failed_starts = 0
        self.free = [self._executor() for _ in range(size)]
        self.busy: list[Any] = []
        self.started: list[Any] = []
        self.waiting: list[_Work] = []

    def _executor(self) -> Any:
        """Makes an executor of one process."""
        from loky import ProcessPoolExecutor

        about = (os.getpid(), "keras" in sys.modules)
        return ProcessPoolExecutor(1, timeout=None, env=ENVIRONMENT, initializer=begin_worker, initargs=about)

    def submit(self, item: Any) -> "Future[Any]":
        """Calls the function in the first process that is free."""
        future: Future[Any] = Future()
        with self.changing:
            self.waiting.append(_Work(future, item))
            self._start()
        return future

    def _start(self) -> None:
        """Hands waiting work to free processes."""
        while self.waiting and self.free and not self.closed:
            work, executor = self.waiting.pop(0), self.free.pop(0)
            self.busy.append(executor)
            if executor in self.started:
                self._submit(executor, work)
            else:
                begun = executor.submit(_nothing)
                begun.add_done_callback(lambda done, executor=executor, work=work: self._begin(done, executor, work))

    def _begin(self, begun: "Future[Any]", executor: Any, work: _Work) -> None:
        """Hands work to a process that has started; the work fails if one after the other cannot start."""
        with self.changing:
            if self.closed:
                return
            error = begun.exception()
            if error is None:
                self.failed_starts = 0
                self.started.append(executor)
                self._submit(executor, work)
                return
            self.failed_starts += 1
            self.busy.remove(executor)
            self.free.append(self._executor())
            if self.failed_starts < DEATHS:
                self.waiting.insert(0, work)
            else:
                work.future.set_exception(Failed(f"worker processes cannot start ({_first_line(error)})"))
            self._start()

    def _submit(self, executor: Any, work: _Work) -> None:
        """Hands work to a process."""
        from loky import BrokenProcessPool

        try:
            inner = executor.submit(self.function, work.item)
        except BrokenProcessPool:  # the process was killed while it had nothing to do
            self._replace(executor)
            self.waiting.insert(0, work)
            self._start()
        else:
            inner.add_done_callback(lambda done: self._end(done, executor, work))

    def _replace(self, executor: Any) -> None:
        """Takes a new process in place of one that has died."""
        self.busy.remove(executor)
        self.started.remove(executor)
        self.free.append(self._executor())

    def _end(self, inner: "Future[Any]", executor: Any, work: _Work) -> None:
        """Hands on a result, or begins again in a new process if the old one has died."""
        from loky import BrokenProcessPool
        from loky.process_executor import TerminatedWorkerError

        with self.changing:
            if self.closed:
                return
            error = inner.exception()
            if isinstance(error, BrokenProcessPool):
                self._replace(executor)
                if not isinstance(error, TerminatedWorkerError):  # what was sent or returned cannot be unpickled
                    work.future.set_exception(Failed(_first_line(error.__cause__ or error)))
                elif work.deaths + 1 < DEATHS:
                    self.waiting.insert(0, work._replace(deaths=work.deaths + 1))
                else:
                    work.future.set_exception(WorkerDied(_death(str(error))))
            else:
                self.busy.remove(executor)
                self.free.append(executor)
                if error is not None:
                    work.future.set_exception(error)
                else:
                    work.future.set_result(inner.result())
            self._start()

    def close(self) -> None:
        """Ends all processes."""
        with self.changing:
            self.closed = True
        for executor in [*self.free, *self.busy]:
            executor.shutdown(wait=False, kill_workers=True)


class Dask:
    """The workers of a Dask cluster, whose scheduler begins work again if its worker has died.

    Args:
        function: function of one piece of work, which can be pickled.
        client: connection to the cluster.
    """

    elsewhere = True

    def __init__(self, function: Callable[[Any], Any], client: Any) -> None:
        self.function, self.client = function, client
        self.size = max(1, len(client.nthreads()))
        self.tasks: set[Any] = set()  # Dask gives up what nobody refers to

    def submit(self, item: Any) -> "Future[Any]":
        """Calls the function on a worker that the scheduler chooses."""
        from distributed import KilledWorker

        future: Future[Any] = Future()
        task = self.client.submit(call_on_cluster, _packed(self.function, item), pure=False)
        self.tasks.add(task)

        def end(done: Any) -> None:
            self.tasks.discard(done)
            try:
                future.set_result(cloudpickle.loads(done.result()))
            except KilledWorker as error:
                future.set_exception(WorkerDied(_death(str(error))))
            except Exception as error:
                future.set_exception(error)

        task.add_done_callback(end)
        return future

    def close(self) -> None:
        """Gives up what has not begun."""
        self.client.cancel(list(self.tasks))


class Ray:
    """The workers of a Ray cluster, which begins work again if its worker has died.

    Args:
        function: function of one piece of work, which can be pickled.
    """

    elsewhere = True

    def __init__(self, function: Callable[[Any], Any]) -> None:
        import ray

        self.size = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self.remote = ray.remote(call_on_cluster).options(max_retries=DEATHS - 1, num_cpus=1)
        self.function = function

    def submit(self, item: Any) -> "Future[Any]":
        """Calls the function on a worker that Ray chooses."""
        from ray import exceptions

        future: Future[Any] = Future()

        def end(done: "Future[Any]") -> None:
            error = done.exception()
            if isinstance(error, exceptions.WorkerCrashedError | exceptions.OutOfMemoryError):
                future.set_exception(WorkerDied(_death(str(error))))
            elif error is not None:
                future.set_exception(getattr(error, "cause", None) or error)
            else:
                future.set_result(cloudpickle.loads(done.result()))

        self.remote.remote(_packed(self.function, item)).future().add_done_callback(end)
        return future

    def close(self) -> None:
        """Does nothing: Ray ends what runs when the connection ends."""


def call_on_cluster(work: bytes) -> bytes:
    """Calls a function in a child process of a cluster's worker, one call at a time.

    The child has the environment of a worker from its start, and shares no random numbers with the threads of the
    cluster. A crash ends only the child.

    Args:
        work: a function, its argument and the folder to work in, pickled.

    Returns:
        The result, pickled, so that only the coordinator imports what it is made of.

    Raises:
        WorkerDied: if the call killed one child after the other.
    """
    with _alone:
        if not _children:
            # Dask's workers are daemons, which may not have children; these end with their parent.
            multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
            _children.append(Processes(_call, 1))
        result: bytes = _children[0].submit(work).result()
    return result


def _packed(function: Callable[[Any], Any], item: Any) -> bytes:
    """Pickles a function, its argument and the working folder, from which relative paths count."""
    packed: bytes = cloudpickle.dumps((os.getcwd(), cloudpickle.dumps((function, item))))
    return packed


def _call(work: bytes) -> bytes:
    """Calls a pickled function with its argument in its working folder, and pickles the result."""
    folder, packed = cloudpickle.loads(work)
    os.chdir(folder)
    function, item = cloudpickle.loads(packed)
    return cloudpickle.dumps(function(item))


def begin_worker(parent: int, with_keras: bool) -> None:
    """Prepares a process of this machine: it leaves Ctrl-C to its parent, and ends when its parent has ended.

    Args:
        parent: process id of the parent.
        with_keras: whether Keras is imported, which is silent here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    if hasattr(os, "getppid") and os.getppid() == parent:
        threading.Thread(target=watch, daemon=True).start()
    begin_quietly(with_keras)


def begin_quietly(with_keras: bool) -> None:
    """Turns remarks off in a process that works for another one.

    Args:
        with_keras: whether Keras is imported, which is silent here.
    """
    quieten(True)
    if with_keras:
        load_keras()


def _nothing() -> None:
    """Does nothing, which shows that a process has started."""


def _first_line(error: BaseException) -> str:
    """Describes an error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _death(text: str) -> str:
    """Says how workers died, as far as it is known."""
    known = re.search(r"SIG[A-Z]+", text)
    how = f" ({known.group()}{', perhaps out of memory' if known.group() == 'SIGKILL' else ''})" if known else ""
    return f"its worker died each time it was tried{how}"
