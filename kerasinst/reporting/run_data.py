"""Reads what a report can use of a run, even if files are missing or damaged."""

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
"""Kinds of artifacts that a report reads; a folder with none of them is no run."""
MAY_DIFFER = {"name", "card", "split", "ablation", "compression", "published", "search"}
"""Keys of an experiment that may differ between two runs of the same network."""
UNUSABLE = (BadInput, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError)
"""Errors that a file can raise if it is damaged or comes from another version."""


class RunData:
    """The content of the files of a run.

    The content of a file that is not there, or that cannot be used, is None; metrics are an empty dictionary then.

    Args:
        path: path of the run. Only its files are read, so it may come from another machine.
        key: name for tables and figures of the run that no other run of the report has; None is the name of its
            directory.

    Attributes:
        missing: one phrase for each file that should be there and is not, or that cannot be used.

    Raises:
        BadInput: if there is no such folder, or it holds no file of a run.

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
        if self.predictions is not None and run.has("decisions"):
            self.predictions = self.use("decisions.csv", run.predictions)
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
        """Name of the experiment, or the key of the run if its experiment cannot be read."""
        return self.experiment.name if self.experiment else self.key

    @property
    def evaluated(self) -> bool:
        """True if `evaluate` made the run, which scores a model that lies elsewhere."""
        return "model" in self.metrics

    @cached_property
    def training_settings(self) -> dict[str, Any]:
        """Settings that the network was trained with, without its name, its split and the path of its data."""
        if self.trained is None:
            return {}
        settings = self.trained.model_dump(mode="json", exclude=MAY_DIFFER)
        settings["dataset"].pop("path")
        return settings

    def use(self, name: str, work: Callable[..., Found], *arguments: Any) -> Found | None:
        """Calls a function that uses a file, and notes in `missing` if the file cannot be used.

        Args:
            name: path of the file within the run.
            work: the function.
            *arguments: arguments of the function.

        Returns:
            The function's result, or None if it failed because of the file.
        """
        try:
            return work(*arguments)
        except UNUSABLE as error:
            kind = "" if isinstance(error, BadInput | ValueError) else f"{type(error).__name__}: "
            problem = " ".join(str(error).replace(f"{self.run.path / name}: ", "").split())
            self.missing.append(f"{name} cannot be used ({kind}{problem[:120]})")
            return None

    def _read(self, name: str) -> Any:
        """Reads and checks an artifact, and returns None if it is not there or cannot be used."""
        artifact = ARTIFACTS[name]
        if not self.run.file(name).exists():
            if not artifact.optional:
                self.missing.append(f"there is no {artifact.path}")
            return None
        return self.use(artifact.path, lambda: _checked(artifact, self.run.read(name)))


def _checked(artifact: Artifact, content: Any) -> Any:
    """Returns the content of an artifact, or None if it is a table that may be empty and is.

    Raises:
        ValueError: if the content is empty or lacks something that reports need.
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
    """Reads runs and gives each a key of its own.

    A key is made of the last part of the run's path, of more parts if several runs would have the same key, and of the
    run's number if their paths are too much alike.

    Args:
        paths: paths of the runs.

    Raises:
        BadInput: if a path is no run, or is named twice.
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
    """The results of one model on the test clips of its run.

    Attributes:
        name: name of the model in tables.
        kind: "network", "classical" or "compressed".
        run_data: data of the model's run.
        metrics: figures as metrics.json holds them.
        figures: figures that a table shows.
        tested: predictions of test clips with their groups, indexed by clip; None if they cannot be used.
        published: result that a study reports of the model, or None.
        same: key that is equal for two models that differ only in how their data was split.
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
        """Names of the labels, in the order of scores."""
        return self.run_data.labels or []

    @property
    def leaky(self) -> bool:
        """True if parts of one recording were on both sides of the split."""
        return self.metrics["protocol"] == "segment"

    @cached_property
    def clips(self) -> tuple | None:
        """Test clips with their true labels and their reader, or None; only models with the same ones are compared."""
        if self.tested is None:
            return None
        data = self.run_data.trained.dataset if self.run_data.trained else None
        read_by = data and (data.reader, str(data.options))  # rendered clips may share their names
        return (read_by, *zip(self.tested.index, self.tested.labels, strict=True))

    @property
    def groups(self) -> np.ndarray:
        """Group of each test clip, shape `(clips,)`.

        Raises:
            ValueError: if there are no predictions that can be used.
        """
        return self._known.group.to_numpy()

    @property
    def _known(self) -> pd.DataFrame:
        """Predictions of test clips; raises ValueError if there are none."""
        if self.tested is None:
            raise ValueError(f"{self.name}: there are no predictions of its test clips")
        return self.tested

    @property
    def headline(self) -> float:
        """Figure by which models are ordered."""
        return self.figures.get("mean_average_precision", self.figures["accuracy"])

    def accuracy(self, level: str = "clip") -> str:
        """Formats the accuracy of the model with its 95 % interval.

        Args:
            level: "clip" or "segment".
        """
        return formatting.accuracy(self.metrics[level])

    def correct(self) -> np.ndarray:
        """Tells for each test clip whether it is named rightly, shape `(clips,)`.

        Raises:
            ValueError: if there are no predictions that can be used.
        """
        return evaluation.correct(self._known, self.labels, task=self.metrics["task"])

    def judged(self) -> tuple[np.ndarray, np.ndarray]:
        """Tells which labels each test clip has, and which the model gives it.

        Returns:
            True labels and predicted labels, two boolean arrays of shape `(clips, labels)`.

        Raises:
            ValueError: if there are no predictions that can be used.
        """
        known, labels = self._known, self.labels
        named = evaluation.reported(known, labels, task=self.metrics["task"]) & evaluation.judged(known, labels)
        return evaluation.truth(known, labels), named


def model_results(run_data: RunData) -> Iterator[ModelResult]:
    """Yields the results of a run's models on test clips: its network, its classical models and its variants.

    Args:
        run_data: data of the run; a run without labels.txt gives no results.
    """
    if run_data.labels is None:
        return
    found: list[ModelResult | None] = []
    if run_data.metrics.get("split"):
        size = {"bytes": run_data.run.model_file.stat().st_size} if run_data.run.model_file.is_file() else {}
        metrics = {**size, **run_data.metrics}
        found.append(run_data.use("metrics.json", _result, run_data, metrics, run_data.predictions))
    for other in run_data.run.other_models():
        name = str(other.path.relative_to(run_data.run.path))
        found.append(run_data.use(name, _other, run_data, other))
    yield from (result for result in found if result)


def _other(run_data: RunData, other: Run) -> ModelResult:
    """Reads the result of a classical model or of a compressed variant."""
    return _result(run_data, other.metrics(), other.predictions(), other.path.name)


def _result(
    run_data: RunData, metrics: dict, predictions: pd.DataFrame | None, folder: str | None = None
) -> ModelResult:
    """Makes the result of the network, or of the classical model or compressed variant in a folder of the run."""
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
        # Classical models are the same whatever network their run trained.
        parts = ("dataset", "audio", "task", "frontend") if kind == "classical" else tuple(run_data.training_settings)
        same = (kind, model, features, variant, str([run_data.training_settings[part] for part in parts]))
    figures = {
        **evaluation.metrics_row(metrics["clip"]),
        **evaluation.multilabel_row(metrics),
        "segment_accuracy": metrics["segment"]["accuracy"],
    }
    tested = None
    if predictions is not None and run_data.split is not None:
        tested = run_data.use("predictions.csv", _tested, run_data, metrics, predictions)
    return ModelResult(name, kind, run_data, metrics, figures, tested, published, same)


def _tested(run_data: RunData, metrics: dict[str, Any], predictions: pd.DataFrame) -> pd.DataFrame:
    """Selects the predictions of test clips, and adds their groups.

    Raises:
        ValueError: if test clips or labels of the run are missing, or scores are no finite numbers.
    """
    tested = evaluation.select_test_clips(predictions, run_data.split)
    if unknown := [label for label in run_data.labels if label not in tested]:
        raise ValueError(f"no scores of {' and '.join(unknown)}")
    if len(tested) != metrics["n_clips"] or tested.group.isna().any() or tested.index.has_duplicates:
        raise ValueError(f"not the {metrics['n_clips']} test clips of split.csv and metrics.json")
    evaluation.truth(tested, run_data.labels)
    if not np.isfinite(tested[run_data.labels].to_numpy(float)).all():
        raise ValueError("scores that are no numbers")
    return tested
