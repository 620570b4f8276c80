"""Work in order, here and on a cluster."""

import os

import joblib
import pytest
from distributed import LocalCluster

from kerasinst import datasets
from kerasinst.core import parallel
from kerasinst.core.errors import BadInput


def test_results_come_in_order_and_little_is_read_ahead():
    begun = []

    def work(item):
        begun.append(item)
        return -item

    results = parallel.in_order(work, list(range(1000)))
    assert next(results) == 0
    assert len(begun) <= parallel.WINDOW * joblib.cpu_count()
    assert list(results) == [-item for item in range(1, 1000)]


def test_two_workers_of_a_cluster_decode_what_this_process_would(recordings, monkeypatch, tmp_path):
    """Each worker is a process of its own, with the cache of the tests."""
    clips = datasets.read("folder", recordings)
    here = datasets.decode(clips, 8000)
    monkeypatch.setenv("KERASINST_CACHE", str(tmp_path / "cache"))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
        address = local.scheduler_address
        with parallel.backend(cluster=f"dask:{address}"):
            there = datasets.decode(clips, 8000)
            workers = set(parallel.in_order(_process, range(16)))
    assert there.facts == here.facts
    assert os.getpid() not in workers and len(workers) == 2
    assert all((there.waveform(clip) == here.waveform(clip)).all() for clip in clips)


def _process(item):
    return os.getpid()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("spark:somewhere", r"expected dask:tcp://HOST:PORT or ray:ADDRESS"),
        ("dask", "expected dask:tcp"),
        ("dask:tcp://127.0.0.1:1", "no answer"),
    ],
)
def test_a_wrong_address_is_one_clear_error(address, message, monkeypatch):
    monkeypatch.setattr(parallel, "PATIENCE", 0.1)
    with pytest.raises(BadInput, match=message), parallel.backend(cluster=address):
        pass
