"""What a report can use of a run, however much of it is there."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.experiment.published import PublishedResult
from kerasinst.reporting import formatting
from kerasinst.runs import Run
from kerasinst.runs.artifacts import ARTIFACTS, Artifact

Found = TypeVar("Found")
CONTENT = ("json", "table", "lines", "experiment")
"""Kinds of artifacts that tell something of a run."""
OTHERWISE = {"name", "split", "ablation", "compression", "published", "search"}
"""Sections in which the experiments of one network may differ."""
UNUSABLE = (BadInput, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError)
"""What a file that is damaged, or of another version, can lead to."""


class RunData:
    """The files of a run that can be read, and why the others cannot.

    Args:
        path: path of the run. Only its files are read, so it may come from another machine.
        key: a name that no other run of the report has, for files; None is that of the directory.

    Attributes:
        missing: one sentence for each file that should be there and is not, or that cannot be used.

    Raises:
        BadInput: if there is no folder, or nothing of a run in it.

    Example:
        >>> RunData("runs/quickstart").missing
        []
    """

    def __init__(self, path: str | Path, key: str | None = None):
        self.run = run = Run(path)
        self.key = key or files.slug(run.path.resolve().name)
        self.missing: list[str] = []
        if not run.path.is_dir():
            raise BadInput(f"{run.path}: no such run directory")
        if not any(run.file(name).exists() for name, artifact in ARTIFACTS.items() if artifact.kind in CONTENT):
            raise BadInput(f"{run.path}: not a run directory: there is nothing of a run in it")
        self.experiment = self._read("experiment")
        self.trained = self.experiment and self.use("best.yaml", run.trained, self.experiment)
        self.environment = self._read("environment")
        self.metrics = self._read("metrics") or {}
        self.labels = self._read("labels")
        self.split = self._read("split")
        self.predictions = self._read("predictions")
        self.audit = self._read("audit")
        self.history = None if self.evaluated else self._read("history")
        if not self.evaluated and not run.has("model"):
            self.missing.append(f"there is no {ARTIFACTS['model'].path}")
        self.leaderboard = self._read("leaderboard")
        self.ablation = self._read("ablation")
        self.compression = self._read("compression")
        self.explanation = self._read("explanation")
        self.slices = self._read("slices")

    @property
    def name(self) -> str:
        """Of the experiment, or of the directory."""
        return self.experiment.name if self.experiment else self.key

    @property
    def evaluated(self) -> bool:
        """Whether the run scores a model that lies elsewhere."""
        return "model" in self.metrics

    @cached_property
    def told(self) -> dict[str, Any]:
        """What the network was trained with, but for its name, its split and where the data lies."""
        if self.trained is None:
            return {}
        told = self.trained.model_dump(mode="json", exclude=OTHERWISE)
        told["dataset"].pop("path")
        return told

    def use(self, name: str, work: Callable[..., Found], *arguments: Any) -> Found | None:
        """What the work makes of a file; None, and a sentence in `missing`, if it cannot."""
        try:
            return work(*arguments)
        except UNUSABLE as error:
            kind = "" if isinstance(error, BadInput | ValueError) else f"{type(error).__name__}: "
            problem = " ".join(str(error).replace(f"{self.run.path / name}: ", "").split())
            self.missing.append(f"{name} cannot be used ({kind}{problem[:120]})")
            return None

    def _read(self, name: str) -> Any:
        """The content of an artifact, if it is there and holds what is needed of it."""
        artifact = ARTIFACTS[name]
        if not self.run.file(name).exists():
            if not artifact.optional:
                self.missing.append(f"there is no {artifact.path}")
            return None
        return self.use(artifact.path, lambda: _checked(artifact, self.run.read(name)))


def _checked(artifact: Artifact, content: Any) -> Any:
    """The content of an artifact; None if a table is empty as it may be.

    Raises:
        ValueError: if something is missing in it.
    """
    if artifact.needs and not isinstance(content, dict | pd.DataFrame):
        raise ValueError("it holds something else")
    if lacking := sorted(artifact.needs - set(content if artifact.needs else ())):
        raise ValueError(f"it has no {', '.join(lacking)}")
    if isinstance(content, list | pd.DataFrame) and not len(content):
        if artifact.may_be_empty:
            return None
        raise ValueError("it is empty")
    return content


def gather(paths: Sequence[str | Path]) -> list[RunData]:
    """Reads runs, each with a key of its own: as many of the last parts of its path as that takes.

    Raises:
        BadInput: as `RunData`; or if one is named twice.
    """
    whole = [Path(path).resolve() for path in paths]
    if len(set(whole)) < len(whole):
        twice = max(paths, key=lambda path: whole.count(Path(path).resolve()))
        raise BadInput(f"{twice}: is named twice; leave one out")
    keys = [files.slug(path.name) for path in whole]
    for depth in range(2, max(len(path.parts) for path in whole)):
        if len(set(keys)) == len(keys):
            break
        keys = [files.slug("-".join(path.parts[-depth:])) for path in whole]
    times = Counter(keys)
    keys = [f"{key}-{number}" if times[key] > 1 else key for number, key in enumerate(keys, 1)]
    return [RunData(path, key) for path, key in zip(paths, keys, strict=True)]


@dataclass(frozen=True)
class ModelResult:
    """One model, and how it did on the test clips of its run.

    Attributes:
        name: what tables call it.
        kind: "network", "classical" or "compressed".
        run_data: data of its run.
        metrics: figures as metrics.json holds them.
        figures: what a table shows of them.
        tested: its predictions of test clips with their groups, by clip; None if they cannot be used.
        published: what the study of its experiment reports of it, or None.
        same: what is equal for two models that differ only in how their data was split.
    """

    name: str
    kind: str
    run_data: RunData
    metrics: dict[str, Any]
    figures: dict[str, float]
    tested: pd.DataFrame | None
    published: PublishedResult | None
    same: tuple

    @property
    def labels(self) -> list[str]:
        """In the order of scores."""
        return self.run_data.labels or []

    @property
    def leaky(self) -> bool:
        """Whether parts of one recording were on both sides of the split."""
        return self.metrics["protocol"] == "segment"

    @cached_property
    def clips(self) -> tuple | None:
        """What it was tested on, with its true labels: only models with the same are compared."""
        if self.tested is None:
            return None
        data = self.run_data.trained.dataset if self.run_data.trained else None
        read_by = data and (data.reader, str(data.options))  # rendered clips may share their names
        return (read_by, *zip(self.tested.index, self.tested.labels, strict=True))

    @property
    def groups(self) -> np.ndarray:
        """Group of each test clip.

        Raises:
            ValueError: if there are no predictions that can be used.
        """
        return self._known.group.to_numpy()

    @property
    def _known(self) -> pd.DataFrame:
        if self.tested is None:
            raise ValueError(f"{self.name}: there are no predictions of its test clips")
        return self.tested

    def accuracy(self, level: str = "clip") -> str:
        """With its 95 % interval."""
        return formatting.accuracy(self.metrics[level])

    def correct(self) -> np.ndarray:
        """Whether each test clip is named rightly.

        Raises:
            ValueError: if there are no predictions that can be used.
        """
        return evaluation.correct(self._known, self.labels, task=self.metrics["task"])

    def judged(self) -> tuple[np.ndarray, np.ndarray]:
        """Which labels each test clip has, and which it is given, both `(clips, labels)`.

        Raises:
            ValueError: if there are no predictions that can be used.
        """
        true, scores = evaluation.truth(self._known, self.labels), self._known[self.labels].to_numpy(float)
        if self.metrics["task"] == "single-label":
            return true, np.eye(len(self.labels), dtype=bool)[scores.argmax(axis=1)]
        return true, scores >= 0.5


def model_results(run_data: RunData) -> Iterator[ModelResult]:
    """All models of a run that have figures of test clips: its network, classical models and compressed variants."""
    if run_data.labels is None:
        return
    found: list[ModelResult | None] = []
    if run_data.metrics.get("split"):
        size = {"bytes": run_data.run.model_file.stat().st_size} if run_data.run.model_file.is_file() else {}
        metrics = {**size, **run_data.metrics}
        found.append(run_data.use("metrics.json", _result, run_data, metrics, run_data.predictions))
    for other in run_data.run.others():
        name = str(other.path.relative_to(run_data.run.path))
        found.append(run_data.use(name, _other, run_data, other))
    yield from (result for result in found if result)


def _other(run_data: RunData, other: Run) -> ModelResult:
    return _result(run_data, other.metrics(), other.predictions(), other.path.name)


def _result(
    run_data: RunData, metrics: dict, predictions: pd.DataFrame | None, folder: str | None = None
) -> ModelResult:
    """The network, or what lies in a folder of its run: a classical model or a compressed variant."""
    if folder is None:
        kind, name, model, features, variant = "network", run_data.name, "network", "picture", None
    elif "features" in metrics:
        model, features, variant = metrics["model"], metrics["features"], None
        kind, name = "classical", f"{model} ({features})"
    else:
        kind, name, model, features, variant = "compressed", f"{run_data.name} ({folder})", "network", "picture", folder
    if set(metrics["clip"]["per_label"]) != set(run_data.labels):
        raise ValueError("its labels are not those of labels.txt")
    published: PublishedResult | None = None
    same: tuple = (run_data.key, name)
    if run_data.trained and not run_data.evaluated:
        published = run_data.trained.as_published(model, features, variant=variant)
        # The network of their run does not matter to classical models.
        parts = ("dataset", "audio", "task", "frontend") if kind == "classical" else tuple(run_data.told)
        same = (kind, model, features, variant, str([run_data.told[part] for part in parts]))
    figures = {**evaluation.row(metrics["clip"]), "segment_accuracy": metrics["segment"]["accuracy"]}
    tested = None
    if predictions is not None and run_data.split is not None:
        tested = run_data.use("predictions.csv", _tested, run_data, metrics, predictions)
    return ModelResult(name, kind, run_data, metrics, figures, tested, published, same)


def _tested(run_data: RunData, metrics: dict[str, Any], predictions: pd.DataFrame) -> pd.DataFrame:
    """Predictions of test clips with their groups, by clip.

    Raises:
        ValueError: if they are not of all test clips, or not of the run's labels.
    """
    tested = evaluation.tested(predictions, run_data.split)
    if unknown := [label for label in run_data.labels if label not in tested]:
        raise ValueError(f"no scores of {' and '.join(unknown)}")
    if len(tested) != metrics["n_clips"] or tested.group.isna().any() or tested.index.has_duplicates:
        raise ValueError(f"not the {metrics['n_clips']} test clips of split.csv and metrics.json")
    evaluation.truth(tested, run_data.labels)
    if not np.isfinite(tested[run_data.labels].to_numpy(float)).all():
        raise ValueError("scores that are no numbers")
    return tested
