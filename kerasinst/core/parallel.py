"""Works on many items in parallel, on all cores or on a cluster, with few results in memory at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import joblib

from kerasinst.core.errors import BadInput

Item = TypeVar("Item")
Result = TypeVar("Result")

WINDOW = 16
"""Number of items per worker whose results may wait in memory."""
PATIENCE = 30
"""Longest time to wait for the answer of a Dask cluster, in seconds."""

_on_cluster: ContextVar[bool] = ContextVar("on_cluster", default=False)


def in_order(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yields the results of a function, in the order of the items.

    The function runs in one thread per core or, inside `cluster`, on the workers of the cluster.

    Args:
        function: function of one item.
        items: the items.

    Example:
        >>> list(in_order(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    n_jobs = None if _on_cluster.get() else joblib.cpu_count()
    with joblib.Parallel(n_jobs=n_jobs, prefer="threads") as workers:
        window = WINDOW * joblib.effective_n_jobs(n_jobs)
        for first in range(0, len(items), window):
            yield from workers(joblib.delayed(function)(item) for item in items[first : first + window])


@contextmanager
def cluster(address: str) -> Iterator[None]:
    """Sends the work of `in_order` to a Dask or Ray cluster, whose workers see the same files and cache folder.

    Args:
        address: address such as "dask:tcp://host:8786", "ray:auto" or "ray:ray://host:10001".

    Raises:
        BadInput: if the address is of another kind, the package for it is not installed, or no cluster answers.

    Example:
        >>> with cluster("dask:tcp://127.0.0.1:8786"):
        ...     prepare(experiment)
    """
    kind, _, place = address.partition(":")
    if kind not in ("dask", "ray") or not place:
        raise BadInput(f"--cluster {address}: expected dask:tcp://HOST:PORT or ray:ADDRESS")
    try:
        client = _connect(kind, place)
    except ImportError:
        package = {"dask": "'kerasinst[cluster]'", "ray": "ray"}[kind]
        raise BadInput(f"--cluster {address}: {kind} is not installed; pip install {package}") from None
    except (OSError, ValueError, ConnectionError) as error:
        raise BadInput(f"--cluster {address}: no answer ({' '.join(str(error).split())[:200]})") from None
    token = _on_cluster.set(True)
    try:
        with client, joblib.parallel_config(backend=kind, n_jobs=-1):
            yield
    finally:
        _on_cluster.reset(token)


def _connect(kind: str, place: str) -> AbstractContextManager[Any]:
    """Connects to a cluster, and returns a context manager that ends the connection."""
    if kind == "dask":
        from distributed import Client

        return Client(place, timeout=PATIENCE)
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    return ray.init(address=place, log_to_driver=False)
