"""Runs written by hand, as another machine would have left them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from kerasinst import evaluation
from kerasinst.reporting.comparison import Comparison, compare
from kerasinst.reporting.run_data import RunData, model_results

LABELS = ["bow_ed", "plucked"]
GOOD, FAIR, POOR = [True] * 19 + [False], [True] * 17 + [False] * 3, [True] * 9 + [False] * 11
RIGHT = {"good": GOOD, "fair": FAIR, "poor": POOR}
"""Which of 20 clips are named rightly."""


def experiment(**changes) -> dict:
    """The content of an experiment file whose data set is not on this machine."""
    content = {
        "name": "made",
        "dataset": {"reader": "folder", "path": "/elsewhere/recordings"},
        "audio": {"sample_rate": 8000, "segment_seconds": 0.5},
        "frontend": {"name": "log_mel", "n_fft": 256, "hop_length": 128, "n_mels": 16},
        "network": {"name": "separable", "filters": [4, 8], "blocks": 1},
    }
    return {**content, **changes}


def predictions(right: list[bool], labels: list[str] = LABELS, prefix: str = "") -> pd.DataFrame:
    """Scores of as many clips, which are named rightly or not."""
    names = [f"{prefix}{number:02d}.wav" for number in range(len(right))]
    truth = np.arange(len(right)) % 2
    scores = np.where(truth == np.array(right), 0.8, 0.2)  # of the second label
    about = {"clip": names, "group": names, "labels": [labels[each] for each in truth], "split": "test"}
    return pd.DataFrame({**about, labels[0]: 1 - scores, labels[1]: scores})


def write_run(
    folder: Path, right: list[bool], labels: list[str] = LABELS, prefix: str = "", told=None, **changes
) -> Path:
    """A finished run without a model."""
    folder.mkdir(parents=True)
    content, table = experiment(**changes), predictions(right, labels, prefix)
    (folder / "experiment.yaml").write_text(yaml.safe_dump(content))
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
    (folder / "model.keras").write_bytes(bytes(1000))
    table[["clip", "group", "labels", "split"]].to_csv(folder / "split.csv", index=False)
    history = {"seed": [1, 1], "epoch": [1, 2], "loss": [1.0, 0.5], "accuracy": [0.5, 0.9], "val_accuracy": [0.4, 0.7]}
    pd.DataFrame(history).to_csv(folder / "history.csv", index=False)
    counts = {"clips": len(table), "groups": len(table), "hours": 0.01, "too_short": 0, "other_labels": 0, "broken": []}
    _write_json(folder / "audit.json", counts)
    hardware = {"cores": 64, "system": "Elsewhere"}
    environment = {"command": "python -m kerasinst.train made.yaml", "started": "2026-01-01", "commit": None}
    _write_json(folder / "environment.json", {**environment, "python": "3.12", "hardware": hardware, "packages": {}})
    write_figures(folder, table, {"parameters": 500, "milliseconds": 1.5, "seconds_to_train": 9.0}, content, told)
    return folder


def write_figures(folder: Path, table: pd.DataFrame, about: dict, content: dict | None = None, told=None) -> None:
    """predictions.csv and metrics.json of a table."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = list(table.columns[4:])
    table.drop(columns="group").to_csv(folder / "predictions.csv", index=False)
    protocol = "segment" if (content or {}).get("split", {}).get("by") == "segment" else "group"
    head = {"split": "test", "task": "single-label", "protocol": protocol, "n_clips": len(table)}
    figures = evaluation.evaluate(table, labels, task=(content or {}).get("task", "single-label"))
    _write_json(folder / "metrics.json", {**head, **figures, **about, **(told or {})})


def _write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content))


def write_three(folder: Path) -> list[Path]:
    """Runs that are right on 19, 17 and 9 of the same 20 clips."""
    return [write_run(folder / name, right, name=name) for name, right in RIGHT.items()]


def gathered(*paths: Path) -> tuple[list[RunData], list[Comparison]]:
    """What a report finds in runs, and how it compares them."""
    run_data = [RunData(path) for path in paths]
    return run_data, compare(result for each in run_data for result in model_results(each))


def table_of(folder: Path, name: str) -> pd.DataFrame:
    """A table of a report."""
    return pd.read_csv(folder / "tables" / f"{name}.csv")
