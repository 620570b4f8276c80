"""Real kills of real searches."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
import yaml
from distributed import Client, LocalCluster

SPACE = {"network.dropout": {"float": {"min": 0.0, "max": 0.5}}}


class Search(subprocess.Popen):
    """A search as a process of its own, whose output goes into files."""

    def __init__(self, *arguments: object, log: Path):
        self.log = log
        command = [sys.executable, "-m", "kerasinst.search", *map(str, arguments)]
        with open(log, "w") as file:
            super().__init__(command, stdout=file, stderr=file)

    def until(self, epochs: int, pattern: str, folder: Path) -> None:
        """Waits until so many epochs are written, or the process has ended."""
        while self.poll() is None and _epochs(pattern, folder) < epochs:
            with suppress(subprocess.TimeoutExpired):
                self.wait(0.02)

    def end(self) -> str:
        """Waits for its end, and gives what it wrote."""
        self.wait()
        return self.log.read_text()


def _epochs(pattern: str, folder: Path) -> int:
    return sum(len(file.read_text().splitlines()) - 1 for file in folder.glob(pattern))


@pytest.fixture
def start(content, tmp_path):
    """Starts a search of three trials."""
    content["training"]["epochs"] = 20  # so that the last training can be killed, too
    content["search"] = {"space": SPACE, "trials": 3, "epochs": 3, "measure": False}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(content))
    numbers = count()

    def started(run, *arguments):
        return Search(tmp_path / "tiny.yaml", "--run", run, *arguments, log=tmp_path / f"{next(numbers)}.log")

    return started


def _figures(run: Path) -> tuple:
    board = pd.read_csv(run / "leaderboard.csv").drop(columns=["seconds", "worker"]).to_csv()
    metrics = json.loads((run / "metrics.json").read_text())
    history = pd.read_csv(run / "history.csv").drop(columns="seconds").to_csv()
    return board, metrics["clip"], history, (run / "best.yaml").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["here", "two workers"])
def test_a_search_killed_again_and_again_ends_like_an_unbroken_one(start, workers, tmp_path):
    whole = start(tmp_path / "whole", *workers)
    assert "What next" in whole.end()
    run = tmp_path / "killed"
    for pattern, epochs in (
        ("trials/trial_0/history.csv", 1),  # in the first trial
        ("trials/trial_1/history.csv", 2),
        ("trials/*/history.csv", 8),
        (".training/**/history.csv", 1),  # in the last training
    ):
        process = start(run, *workers)
        process.until(epochs, pattern, run)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert "What next" in start(run, *workers).end()
    assert _figures(run) == _figures(tmp_path / "whole")
    left = [path.name for path in run.rglob(".*") if path.name != ".lock"]
    assert not left and not (run / ".training").exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["here", "two workers"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupted_search_says_so_in_one_line_and_goes_on(start, workers, number, tmp_path):
    run = tmp_path / "run"
    process = start(run, "--quiet", *workers)
    process.until(1, "trials/trial_0/history.csv", run)
    process.send_signal(number)
    assert process.end() == "kerasinst: interrupted; the same command goes on where it stopped\n"
    assert process.returncode == 1
    trained = pd.read_csv(run / "trials" / "trial_0" / "history.csv")
    assert "report.html" in start(run, "--quiet", *workers).end()
    again = pd.read_csv(run / "trials" / "trial_0" / "history.csv")
    assert again.head(len(trained)).equals(trained)  # seconds included: no epoch was trained twice


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_its_trial_goes_on(start, tmp_path):
    run = tmp_path / "run"
    process = start(run, "--workers", "2")
    process.until(1, "trials/trial_0/history.csv", run)
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if "popen_loky" in Path(f"/proc/{child}/cmdline").read_text():
            os.kill(int(child), signal.SIGKILL)
    assert "What next" in process.end()
    board = pd.read_csv(run / "leaderboard.csv")
    assert len(board) == 3 and (board.status == "COMPLETED").all() and (board.epochs == 3).all()


@pytest.mark.slow
def test_a_second_search_in_the_same_run_is_refused(start, tmp_path):
    run = tmp_path / "run"
    first = start(run)
    first.until(1, "trials/trial_0/history.csv", run)
    second = start(run)
    refused = second.end()
    assert second.returncode == 2 and f"process {first.pid} on " in refused and refused.count("\n") == 1
    assert "What next" in first.end()


@pytest.mark.slow
def test_a_trial_goes_on_when_a_worker_of_a_cluster_is_killed(start, tmp_path):
    whole = start(tmp_path / "whole", "--set", "search.trials=2")
    assert "What next" in whole.end()
    run = tmp_path / "run"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        process = start(run, "--cluster", f"dask:{cluster.scheduler_address}", "--set", "search.trials=2")
        process.until(1, "trials/trial_0/history.csv", run)
        victim = next(iter(client.run(os.getpid).values()))
        os.kill(victim, signal.SIGKILL)
        assert "What next" in process.end()
    assert _figures(run) == _figures(tmp_path / "whole")
    for history in run.glob("trials/*/history.csv"):
        assert pd.read_csv(history).epoch.tolist() == [1, 2, 3]
