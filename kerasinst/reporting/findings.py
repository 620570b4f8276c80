"""What a report can use of a run, however much of it is there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kerasinst import evaluation, files
from kerasinst.errors import BadInput
from kerasinst.reporting import cells
from kerasinst.run import Run
from kerasinst.sections import PublishedResult


class Findings:
    """The files of a run that can be read, and why the others cannot.

    Args:
        path: of the run; nothing but files is read, so that runs of other machines will do.
        key: a name that no other run of the report has, for files; None is that of the directory.

    Attributes:
        missing: one sentence for each file that should be there and is not, or that cannot be read.

    Raises:
        BadInput: if there is no folder, or nothing of a run in it.

    Example:
        >>> Findings("runs/quickstart").missing
        []
    """

    def __init__(self, path: str | Path, key: str | None = None):
        self.run = run = Run(path)
        self.key = key or files.slug(run.path.resolve().name)
        self.missing: list[str] = []
        if not run.path.is_dir():
            raise BadInput(f"{run.path}: no such run directory")
        self.experiment = self._read("experiment.yaml", run.experiment)
        self.environment = self._read("environment.json", run.environment)
        self.metrics = self._read("metrics.json", run.metrics) or {}
        self.labels = self._read("labels.txt", run.labels)
        self.split = self._read("split.csv", run.split)
        self.predictions = self._read("predictions.csv", run.predictions)
        self.audit = self._read("audit.json", run.audit)
        evaluated = "model" in self.metrics  # such a run is of a model that lies elsewhere
        self.history = None if evaluated else self._read("history.csv", run.history)
        if not evaluated and not run.model_file.is_file():
            self.missing.append("there is no model.keras")
        if len(self.missing) == 9:
            raise BadInput(f"{run.path}: not a run directory: there is nothing of a run in it")
        self.leaderboard = self._read("leaderboard.csv", run.leaderboard)
        self.ablation = self._read("ablation.csv", run.ablation, optional=True)
        self.explanation = self._read("explanations/explanation.json", run.explanation, optional=True)
        self.slices = self._read("slices.csv", lambda: run.inspected("slices"))

    @property
    def name(self) -> str:
        """Of the experiment, or of the directory."""
        return self.experiment.name if self.experiment else self.key

    def _read(self, name: str, read: Callable[[], Any], optional: bool = False) -> Any:
        there = (self.run.path / name).is_file()
        if optional and not there:
            return None
        try:
            return read()
        except BadInput as error:
            problem = str(error).removeprefix(f"{self.run.path}: ").partition(";")[0]
            self.missing.append(problem if there else f"there is no {name}")
        except (ValueError, KeyError, OSError) as error:
            self.missing.append(f"{name} cannot be read ({' '.join(str(error).split())[:80]})")
        return None


def gather(paths: Sequence[str | Path]) -> list[Findings]:
    """Findings of runs, each with a key of its own: as many of the last parts of its path as that takes.

    Raises:
        BadInput: as `Findings`; or if a run is named twice.
    """
    whole = [Path(path).resolve() for path in paths]
    if len(set(whole)) < len(whole):
        raise BadInput(
            f"{max(paths, key=lambda path: whole.count(Path(path).resolve()))}: is named twice; leave one out"
        )
    keys = [files.slug(path.name) for path in whole]
    for depth in range(2, max(len(path.parts) for path in whole)):
        if len(set(keys)) == len(keys):
            break
        keys = [files.slug("-".join(path.parts[-depth:])) for path in whole]
    return [Findings(path, key) for path, key in zip(paths, keys, strict=True)]


@dataclass(frozen=True)
class Entry:
    """One model, and how it did on the test clips of its run.

    Attributes:
        name: what tables call it.
        kind: "network", "classical" or "compressed".
        findings: of its run.
        metrics: as metrics.json holds them.
        tested: its predictions of test clips with their groups, by clip; None if they are missing.
        published: what the study of its experiment reports of it, or None.
        same: what is equal for two models that differ only in how their data was split.
    """

    name: str
    kind: str
    findings: Findings
    metrics: dict[str, Any]
    tested: pd.DataFrame | None
    published: PublishedResult | None
    same: tuple

    @property
    def labels(self) -> list[str]:
        """In the order of scores."""
        return self.findings.labels

    def accuracy(self, level: str = "clip") -> str:
        """With its 95 % interval."""
        return cells.accuracy(self.metrics[level])

    def correct(self):
        """Whether each test clip is named rightly."""
        return evaluation.correct(self.tested, self.labels, self.metrics["task"])


def entries(findings: Findings) -> Iterator[Entry]:
    """All models of a run that have figures of test clips: its network, classical models and compressed variants."""
    if findings.labels is None:
        return
    if "clip" in findings.metrics:
        size = {"bytes": findings.run.model_file.stat().st_size} if findings.run.model_file.is_file() else {}
        predictions = findings.predictions
        yield _entry(findings, findings.name, "network", {**size, **findings.metrics}, predictions, "network")
    for other in findings.run.others():
        try:
            metrics, predictions = other.metrics(), other.predictions()
            if "features" in metrics:
                model, features = metrics["model"], metrics["features"]
                name = f"{model} ({features})"
                yield _entry(findings, name, "classical", metrics, predictions, model, features)
            else:
                name = f"{findings.name} ({other.path.name})"
                yield _entry(findings, name, "compressed", metrics, predictions, "network", variant=other.path.name)
        except (BadInput, ValueError, KeyError) as error:
            findings.missing.append(f"{other.path.relative_to(findings.run.path)} cannot be read ({error})")


def _entry(findings, name, kind, metrics, predictions, model, features="picture", variant=None) -> Entry:
    published, same = None, (name,)
    if findings.experiment:
        published = findings.experiment.as_published(model, features, variant)
        told = findings.experiment.model_dump(mode="json", exclude={"name", "split", "ablation", "published", "search"})
        if kind == "classical":  # the network of their run does not matter to them
            told = {key: told[key] for key in ("dataset", "audio", "task", "frontend")}
        same = (kind, model, features, variant, str(told))
    tested = _tested(findings, predictions)
    return Entry(name, kind, findings, metrics, tested, published, same)


def _tested(findings: Findings, predictions: pd.DataFrame | None) -> pd.DataFrame | None:
    """Predictions of test clips with their groups, by clip."""
    if predictions is None or findings.split is None:
        return None
    tested = predictions.query("split == 'test'").set_index("clip")
    if unknown := [label for label in findings.labels if label not in tested]:
        findings.missing.append(f"predictions.csv has no scores of {' and '.join(unknown)}")
        return None
    groups = findings.split.query("split == 'test'").set_index("clip").group
    return tested.assign(group=groups.reindex(tested.index)).sort_index()
