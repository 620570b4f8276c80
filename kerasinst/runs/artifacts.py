"""Lists the files and folders of a run: where each lies, how it is read, and what its readers need of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kerasinst.experiment import Experiment
from kerasinst.experiment.limits import COSTS

Kind = Literal["experiment", "json", "lines", "table", "file", "folder"]
"""Ways to read an artifact; a "file" or a "folder" is not read as a whole."""


@dataclass(frozen=True)
class Artifact:
    """A description of a file or folder of a run.

    Attributes:
        path: path within the run, with forward slashes.
        kind: way to read it.
        needs: keys or columns without which it cannot be used.
        optional: whether a finished run may lack it.
        may_be_empty: whether a table may have no rows.
        of_the_model: whether it is made of the trained model, so that it is moved away when the model is replaced.
        options: options of `pandas.read_csv`, for tables.
    """

    path: str
    kind: Kind
    needs: frozenset[str] = frozenset()
    optional: bool = False
    may_be_empty: bool = False
    of_the_model: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def within(self, run: str | Path) -> Path:
        """Returns the path of the artifact in a run.

        Args:
            run: path of the run.

        Example:
            >>> ARTIFACTS["metrics"].within("runs/quickstart")
            PosixPath('runs/quickstart/metrics.json')
        """
        return Path(run) / self.path

    def read(self, run: str | Path) -> Any:
        """Reads its content.

        Args:
            run: path of the run.

        Returns:
            An `Experiment`, a value of JSON, a list of lines, or a data frame.
        """
        path = self.within(run)
        if self.kind == "experiment":
            return Experiment.from_yaml(path)
        if self.kind == "json":
            return json.loads(path.read_text(encoding="utf-8"))
        if self.kind == "lines":
            return path.read_text(encoding="utf-8").splitlines()
        if self.kind == "table":
            import pandas as pd

            return pd.read_csv(path, **self.options)
        raise TypeError(f"{self.path}: a {self.kind} is not read as a whole")


def _table(path: str, *needs: str, **about: Any) -> Artifact:
    """Describes a table."""
    return Artifact(path, "table", frozenset(needs), **about)


TEXT = {"keep_default_na": False}
"""Options for tables with texts, so that a label such as "None" is not read as a missing value."""
BLANK = {**TEXT, "na_values": {name: [""] for name in ("p_value", "seeds_mean", "seeds_deviation", "published")}}
"""Options for tables with texts in which these numbers may be missing."""

COST_COLUMNS = COSTS
"""Columns of a leaderboard that say what a network costs."""
TRIAL_COLUMNS = (
    "trial_id", "status", "score", "deviation", "p_value", "within_noise", *COST_COLUMNS, "pareto", "seconds",
    "epochs", "worker", "reason",
)  # fmt: skip
"""Columns of a leaderboard; all others are hyperparameters."""
BASELINE = "BASELINE"
"""Status of classical models in a leaderboard, which are no trials and cannot be its winner."""

ARTIFACTS = {
    "experiment": Artifact("experiment.yaml", "experiment"),
    "best": Artifact("best.yaml", "experiment", optional=True),
    "environment": Artifact(
        "environment.json", "json", frozenset({"command", "started", "commit", "python", "packages", "hardware"})
    ),
    "split": _table("split.csv", "clip", "group", "labels", "split", options={**TEXT, "dtype": str}),
    "audit": Artifact(
        "audit.json", "json", frozenset({"clips", "groups", "hours", "broken", "too_short", "other_labels"})
    ),
    "labels": Artifact("labels.txt", "lines"),
    "model": Artifact("model.keras", "file"),
    "tflite": Artifact("model.tflite", "file", optional=True),
    "history": _table("history.csv", "seed", "epoch", "accuracy"),
    "predictions": _table(
        "predictions.csv", "clip", "labels", "split", options={**TEXT, "dtype": {"clip": str, "labels": str}}
    ),
    "decisions": _table("decisions.csv", "clip", "split", optional=True, options={**TEXT, "dtype": str}),
    "operating_curve": _table("operating_curve.csv", "threshold", "found", "false", optional=True),
    "decision_rules": _table("decision_rules.csv", "rule", "found", "false", "micro_f1", optional=True),
    "metrics": Artifact("metrics.json", "json", frozenset({"split", "task", "protocol", "n_clips"})),
    "leaderboard": _table("leaderboard.csv", "trial_id", "status", "score", "parameters", "seconds", optional=True),
    "rejected": _table("rejected.csv", "limit", optional=True, may_be_empty=True),
    "trials": Artifact("trials", "folder", optional=True),
    "baselines": _table("baselines.csv", "model", "features", "accuracy", optional=True),
    "baseline_models": Artifact("baselines", "folder", optional=True),
    "classical_model": Artifact("model.skops", "file", optional=True),
    "ablation": _table(
        "ablation.csv", "changed", "to", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "difference",
        "p_value", "parameters", optional=True, of_the_model=True, options=BLANK,
    ),
    "ablation_runs": Artifact("ablation", "folder", optional=True, of_the_model=True),
    "compression": _table(
        "compression.csv", "variant", "bytes", "gzip_bytes", "nonzero_weights", "milliseconds", "peak_arena",
        optional=True, of_the_model=True, options=BLANK,
    ),
    "compressed": Artifact("compressed", "folder", optional=True, of_the_model=True),
    "explanations": Artifact("explanations", "folder", optional=True, of_the_model=True),
    "explanation": Artifact(
        "explanations/explanation.json", "json", frozenset({"layer", "method", "faithfulness", "clips"}), optional=True
    ),
    "bands": _table("explanations/bands.csv", optional=True, options={**TEXT, "dtype": {"label": str}}),
    "moments": _table("explanations/moments.csv", optional=True, options={**TEXT, "dtype": {"label": str}}),
    "reliability": _table("reliability.csv", optional=True, options=TEXT),
    "slices": _table(
        "slices.csv", "fact", "value", "n", "accuracy", "accuracy_low", "accuracy_high",
        optional=True, may_be_empty=True, options=TEXT,
    ),
    "segments_heard": _table("segments_heard.csv", optional=True, options=TEXT),
    "mistakes": _table("mistakes.csv", optional=True, options=TEXT),
    "mistakes_audio": Artifact("mistakes", "folder", optional=True),
    "error_sheet": _table("error_sheet.csv", optional=True, options=TEXT),
    "error_causes": _table("error_causes.csv", optional=True, options=TEXT),
    "examples": _table("examples.csv", optional=True, options={**TEXT, "dtype": {"clip": str}}),
    "examples_audio": Artifact("examples", "folder", optional=True),
    "export": Artifact("export", "folder", optional=True, of_the_model=True),
    "report": Artifact("report.html", "file"),
    "figures": Artifact("figures", "folder"),
    "logs": Artifact("logs", "folder"),
    "state": Artifact(".training", "folder", optional=True),
    "earlier": Artifact("earlier", "folder", optional=True),
    "lock": Artifact(".lock", "file", optional=True),
}  # fmt: skip
"""All artifacts, by name.

`state` holds what a killed training needs to go on, `earlier` what was made of models that were replaced, and `lock` is
locked while a process writes into the run.
"""
