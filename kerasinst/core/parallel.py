"""Runs independent pieces of work: in this process, in several processes of this machine, or on a cluster."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import joblib

from kerasinst.core.errors import BadInput, Failed
from kerasinst.core.worker_pools import Dask, Pool, Processes, Ray, ThisProcess, begin_quietly

Item = TypeVar("Item")
Result = TypeVar("Result")

WINDOW = 16
"""Number of items per worker whose results may wait in memory."""
PATIENCE = 30
"""Longest time to wait for the answer of a Dask cluster, in seconds."""


@dataclass(frozen=True)
class _Backend:
    """Where work runs."""

    kind: Literal["here", "loky", "dask", "ray"] = "here"
    workers: int = -1
    client: Any = None


_HERE = _Backend()
_backend: ContextVar[_Backend] = ContextVar("backend", default=_HERE)


@contextmanager
def backend(workers: int | None = None, cluster: str | None = None) -> Iterator[None]:
    """Chooses where work runs within the block.

    Args:
        workers: number of processes on this machine, each of which computes in one thread; None works in this process,
            which uses all cores.
        cluster: address of a cluster whose workers see the same files and cache folder, such as
            "dask:tcp://host:8786", "ray:auto" or "ray:ray://host:10001"; None uses this machine.

    Raises:
        BadInput: if both are given, the address is of another kind, the package for it is not installed, or no cluster
            answers.

    Example:
        >>> with backend(workers=4):
        ...     search(experiment)
    """
    if workers is not None and cluster is not None:
        raise BadInput("--workers and --cluster: give one of them")
    if cluster is not None:
        with _connected(cluster) as (kind, client), _chosen(_Backend(kind, client=client)):
            yield
    else:
        with _chosen(_Backend("loky", workers) if workers else _HERE):
            yield


@contextmanager
def _chosen(backend: _Backend) -> Iterator[None]:
    """Makes a backend the current one within the block."""
    token = _backend.set(backend)
    try:
        yield
    finally:
        _backend.reset(token)


def elsewhere() -> bool:
    """Returns True inside `backend` with workers or a cluster."""
    return _backend.get() is not _HERE


def in_order(function: Callable[[Item], Result], items: Sequence[Item], *, threads: bool = True) -> Iterator[Result]:
    """Yields the results of a short function, in the order of the items, with few results in memory at once.

    The function runs on all cores or, inside `backend`, on its workers.

    Args:
        function: function of one item.
        items: the items.
        threads: whether cores are used by threads of this process, rather than by processes.

    Example:
        >>> list(in_order(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    chosen = _backend.get()
    kind = ("threading" if threads else "loky") if chosen is _HERE else chosen.kind
    options: dict[str, Any] = {}
    if kind == "loky":
        with_keras = chosen is not _HERE and "keras" in sys.modules  # classical models, which run here, need none
        options = {"inner_max_num_threads": 1, "initializer": begin_quietly, "initargs": (with_keras,)}
    there = joblib.parallel_config(backend=kind, n_jobs=chosen.workers, **options)
    try:
        with there, joblib.Parallel() as workers:
            window = WINDOW * joblib.effective_n_jobs(chosen.workers)
            for first in range(0, len(items), window):
                yield from workers(joblib.delayed(function)(item) for item in items[first : first + window])
    except BrokenProcessPool as error:
        raise Failed(f"a worker died ({' '.join(str(error).split())[:200]}): use fewer workers") from None


@contextmanager
def pool(function: Callable[[Any], Any]) -> Iterator[Pool]:
    """Opens workers that call a long function: one in this process or, inside `backend`, as many as it has.

    Args:
        function: function of one piece of work; other processes must be able to unpickle it.

    Example:
        >>> with backend(workers=2), pool(run_trial) as workers:
        ...     futures = [workers.submit(trial) for trial in trials]
    """
    chosen = _backend.get()
    workers: Pool
    if chosen.kind == "here":
        workers = ThisProcess(function)
    elif chosen.kind == "loky":
        workers = Processes(function, chosen.workers)
    else:
        workers = Dask(function, chosen.client) if chosen.kind == "dask" else Ray(function)
    try:
        yield workers
    finally:
        workers.close()


def run_all(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yields the results of a long function, in the order of the items, from a `pool`.

    Args:
        function: function of one item; other processes must be able to unpickle it.
        items: the items.

    Raises:
        WorkerDied: if an item killed one worker after the other.
    """
    with pool(function) as workers:
        if workers.elsewhere:
            for future in [workers.submit(item) for item in items]:
                yield future.result()
        else:
            yield from map(function, items)


@contextmanager
def _connected(address: str) -> Iterator[tuple[Literal["dask", "ray"], Any]]:
    """Connects to a Dask or Ray cluster, and gives its kind and the connection."""
    kind, _, place = address.partition(":")
    if kind not in ("dask", "ray") or not place:
        raise BadInput(f"--cluster {address}: expected dask:tcp://HOST:PORT or ray:ADDRESS")
    try:
        connection = _connect(kind, place)
    except ImportError:
        package = {"dask": "'kerasinst[cluster]'", "ray": "ray"}[kind]
        raise BadInput(f"--cluster {address}: {kind} is not installed; pip install {package}") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"--cluster {address}: no answer ({' '.join(str(error).split())[:200]})") from None
    with connection as client:
        yield ("dask" if kind == "dask" else "ray"), client


def _connect(kind: str, place: str) -> AbstractContextManager[Any]:
    """Connects to a cluster, and returns a context manager that ends the connection."""
    if kind == "dask":
        from distributed import Client

        return Client(place, timeout=PATIENCE)
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    return ray.init(address=place, log_to_driver=False)
