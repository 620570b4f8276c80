"""Writes and reads the files of a run directory."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment, read_yaml
from kerasinst.runs.artifacts import ARTIFACTS
from kerasinst.runs.compatibility import difference, same_training, without_search
from kerasinst.runs.environment import made_with

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """A run directory, whose files verbs write and read.

    A file is named by its key in `ARTIFACTS`. Methods that read a file raise `BadInput` if it is not there, unless they
    say otherwise.

    Args:
        path: path of the directory, which need not exist.

    Example:
        >>> run = Run("runs/quickstart")
        >>> run.metrics()["clip"]["accuracy"]
        0.9
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)

    @classmethod
    def create(cls, path: str | Path | None, experiment: Experiment) -> "Run":
        """Makes a new run, or opens the one of the same experiment, finished or not. Nothing is written until `start`.

        Args:
            path: path of the directory; None is `runs/<name of the experiment>`.
            experiment: experiment of the run.

        Raises:
            BadInput: if the directory holds another experiment or something else.
        """
        run = cls(path or Path("runs") / experiment.name)
        if run.begun and run.has("experiment"):
            if differing := difference(run.experiment(), experiment):
                raise BadInput(f"{run.path}: holds another experiment ({differing}); give another --run, or remove it")
        elif not run.has("experiment") and run.path.exists() and (not run.path.is_dir() or any(run.path.glob("[!.]*"))):
            raise BadInput(f"{run.path}: exists and is not a run directory; give another --run")
        return run

    @classmethod
    def open(cls, path: str | Path) -> "Run":
        """Opens a run that exists, finished or not.

        Args:
            path: path of the directory.

        Raises:
            BadInput: if there is no experiment.yaml in the directory.
        """
        run = cls(path)
        if not run.has("experiment"):
            raise BadInput(f"{run.path}: not a run directory: there is no experiment.yaml in it")
        return run

    @classmethod
    def of_model_file(cls, file: str | Path) -> "Run":
        """Finds the run that a model's file belongs to.

        Args:
            file: path of the model's file, which may be a variant or an export of the run.

        Returns:
            The run in the file's folder or in one of the two folders above it; if there is none, the file's folder.
        """
        folder = Path(file).parent
        near = [cls(place) for place in (folder, *folder.absolute().parents[:2])]
        return next((run for run in near if run.has("experiment")), cls(folder))

    def file(self, name: str) -> Path:
        """Returns the path of an artifact, whether it is there or not.

        Args:
            name: name of the artifact.

        Example:
            >>> Run("runs/quickstart").file("report")
            PosixPath('runs/quickstart/report.html')
        """
        return ARTIFACTS[name].within(self.path)

    def has(self, name: str) -> bool:
        """Returns True if an artifact is there.

        Args:
            name: name of the artifact.
        """
        place = self.file(name)
        return place.is_dir() if ARTIFACTS[name].kind == "folder" else place.is_file()

    def read(self, name: str) -> Any:
        """Reads an artifact.

        Args:
            name: name of an artifact that is neither a "file" nor a "folder".

        Returns:
            An `Experiment`, a value of JSON, a list of lines, or a data frame.

        Raises:
            BadInput: if the artifact is not there, or an experiment is not valid.
        """
        artifact = ARTIFACTS[name]
        if artifact.kind != "experiment" and not self.has(name):
            raise BadInput(f"{self.path}: there is no {artifact.path}; let the run finish first")
        return artifact.read(self.path)

    def _read_if_there(self, name: str) -> Any:
        """Reads an artifact, or returns None if it is not there."""
        return self.read(name) if self.has(name) else None

    @property
    def finished(self) -> bool:
        """True if the run has come to its end; metrics.json is written last."""
        return self.has("metrics")

    @property
    def begun(self) -> bool:
        """True if the run holds work, such as trials or a model, that fits only its own experiment and data."""
        return any(self.has(name) for name in ("metrics", "state", "trials", "model", "baseline_models"))

    @property
    def model_file(self) -> Path:
        """Path of the Keras model, which takes waveforms and gives scores."""
        return self.file("model")

    def experiment(self) -> Experiment:
        """Reads the experiment of the run."""
        return self.read("experiment")

    def trained(self, experiment: Experiment) -> Experiment:
        """Returns the experiment that the network was trained with.

        Args:
            experiment: experiment of the run.

        Returns:
            The experiment with the values of the best trial if the run holds a search, else the given one.
        """
        return self.read("best") if self.has("best") else experiment

    def review_below(self) -> float | None:
        """Reads the score below which a decision needs review.

        The other keys of the experiment may be invalid, such as the name of a network that no longer exists.

        Returns:
            The score, or None if experiment.yaml does not set it.
        """
        return (read_yaml(self.file("experiment")).get("decision") or {}).get("review_below")

    def environment(self) -> dict[str, Any]:
        """Reads the versions, seeds, hardware, command and commit that the run was made with."""
        return self.read("environment")

    def metrics(self) -> dict[str, Any]:
        """Reads the figures of the run on its test split, which the manual's page on the files of a run lists."""
        return self.read("metrics")

    def audit(self) -> dict[str, Any]:
        """Reads what was counted and found in the data set."""
        return self.read("audit")

    def labels(self) -> list[str]:
        """Reads the names of the labels, in the order of scores."""
        return self.read("labels")

    def predictions(self) -> "pd.DataFrame":
        """Reads the predictions: one row per clip, with its labels, split and scores.

        In multi-label runs, the columns `reported` and `unjudged` say what decisions.csv does.
        """
        predictions, decisions = self.read("predictions"), self._read_if_there("decisions")
        return predictions if decisions is None else predictions.merge(decisions, on=["clip", "split"], how="left")

    def split(self) -> "pd.DataFrame":
        """Reads the split: one row per clip, with its group, labels and split."""
        return self.read("split")

    def history(self) -> "pd.DataFrame":
        """Reads the history of the training: one row per epoch of each seed."""
        return self.read("history")

    def leaderboard(self) -> "pd.DataFrame | None":
        """Reads the trials of a search, one row each, the best first. Returns None if the run is no search."""
        return self._read_if_there("leaderboard")

    def baselines(self) -> "pd.DataFrame":
        """Reads the figures of the classical models: one row per model, the best first."""
        return self.read("baselines")

    def ablation(self) -> "pd.DataFrame":
        """Reads the ablation: one row for the experiment as it is, and one for each change of it."""
        return self.read("ablation")

    def compression(self) -> "pd.DataFrame":
        """Reads the costs and figures of the compressed variants: one row per variant."""
        return self.read("compression")

    def explanation(self) -> dict[str, Any]:
        """Reads how heatmaps were made, how faithful they are, and which clips are shown."""
        return self.read("explanation")

    def inspection_table(self, table: str) -> "pd.DataFrame | None":
        """Reads a table that `evaluate` writes.

        Args:
            table: "reliability", "operating_curve", "slices", "segments_heard" or "mistakes".

        Returns:
            The table, or None if it was not made.
        """
        return self._read_if_there(table)

    def examples(self) -> "pd.DataFrame | None":
        """Reads the table of test clips to listen to, with their predicted labels. Returns None if there is none."""
        return self._read_if_there("examples")

    def other_models(self, *kinds: str) -> list["Run"]:
        """Lists the folders of the run's other models, each with metrics.json and predictions.csv.

        Args:
            *kinds: "baseline_models" (classical models) or "compressed" (variants); without any, both are listed.
        """
        pattern = f"*/{ARTIFACTS['metrics'].path}"
        found = [file for kind in kinds or ("baseline_models", "compressed") for file in self.file(kind).glob(pattern)]
        return [Run(file.parent) for file in sorted(found)]

    def digest(self) -> str:
        """Computes a hash of the model's file, 16 hexadecimal digits."""
        return hashlib.sha256(self.model_file.read_bytes()).hexdigest()[:16]

    def variant(self, name: str) -> "Run":
        """Returns the folder of a compressed variant, whether it is there or not.

        Args:
            name: name of the variant.

        Returns:
            The folder, which holds model.tflite, labels.txt, predictions.csv and metrics.json.
        """
        return Run(self.file("compressed") / name)

    def variants(self) -> dict[str, "Run"]:
        """Finds the compressed variants of the model, by name, without those of an earlier model or without metrics."""
        found = self.other_models("compressed")
        digest = self.digest() if found else ""
        return {run.path.name: run for run in found if run._made_of().get("model") == digest}

    def _made_of(self) -> dict[str, Any]:
        """Reads the model's hash and the plan of a compressed variant; returns an empty dictionary if that fails."""
        try:
            return dict(self.metrics()["made_of"])
        except (ValueError, KeyError, TypeError):
            return {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other processes from writing into the run while the block runs; the same process may lock it again.

        Raises:
            BadInput: if another process writes into the run.
        """
        from kerasinst.core.locking import locked  # whose package comes with the extra `train`

        with locked(self.path):
            yield

    def write_experiment(self, experiment: Experiment) -> None:
        """Writes experiment.yaml, and nothing else.

        Args:
            experiment: experiment of the run.
        """
        files.write_text(self.file("experiment"), experiment.to_yaml())

    def start(self, experiment: Experiment) -> None:
        """Writes experiment.yaml and environment.json.

        Verbs call this once they know that the work can be done.

        Args:
            experiment: experiment of the run.
        """
        self.write_experiment(experiment)
        files.write_json(self.file("environment"), made_with(experiment.split.seed, experiment.training.seeds))

    def write_data(self, segments: dict[str, list], audit: dict[str, Any], *, labels: Sequence[str]) -> None:
        """Writes split.csv, audit.json and labels.txt.

        Args:
            segments: segments of each split, by the split's name.
            audit: content of audit.json.
            labels: names of the labels, in the order of scores.

        Raises:
            BadInput: if the run was begun with another split, so that its trials or weights would not fit.
        """
        import pandas as pd

        rows = {
            (segment.clip.name, segment.group, "|".join(segment.clip.labels), split): None
            for split, of_split in segments.items()
            for segment in of_split
        }
        if self.begun and self.has("split"):
            changed = set(map(tuple, self.split().to_numpy())) ^ set(rows)
            if changed:
                raise BadInput(
                    f"{self.path}: the data set is not the one this run began with ({len(changed)} differences, first "
                    f"{min(changed)[0]}); give another --run, or remove it"
                )
        self.write_table("split", pd.DataFrame(list(rows), columns=["clip", "group", "labels", "split"]))
        files.write_json(self.file("audit"), audit)
        self.write_labels(labels)

    def write_labels(self, labels: Sequence[str]) -> None:
        """Writes labels.txt.

        Args:
            labels: names of the labels, in the order of scores.
        """
        files.write_text(self.file("labels"), "".join(f"{label}\n" for label in labels))

    def write_best(self, experiment: Experiment) -> None:
        """Writes best.yaml, which `train` can run without the search.

        Args:
            experiment: experiment with the values of the best trial.
        """
        files.write_text(self.file("best"), without_search(experiment).to_yaml())

    def has_best(self, experiment: Experiment) -> bool:
        """Returns True if best.yaml holds the values of an experiment.

        Args:
            experiment: experiment with the values of the best trial.
        """
        return self.has("best") and same_training(self.read("best"), without_search(experiment))

    def reopen(self) -> Path | None:
        """Makes a finished run unfinished, since its model is about to be replaced.

        metrics.json is removed. Variants, explanations, ablations and exports of the old model are moved to a folder in
        `earlier`.

        Returns:
            That folder, or None if there was nothing to move.
        """
        self.file("metrics").unlink(missing_ok=True)
        made = [self.file(name) for name, artifact in ARTIFACTS.items() if artifact.of_the_model and self.has(name)]
        if not made:
            return None
        kept = self.file("earlier") / self.digest()
        kept.mkdir(parents=True, exist_ok=True)
        for path in made:
            shutil.move(path, kept / path.name)
        return kept

    def write_predictions(self, predictions: "pd.DataFrame") -> None:
        """Writes predictions.csv, and decisions.csv if it says more of a clip than its scores.

        Args:
            predictions: one row per clip. The column group is left out, since split.csv holds it.
        """
        extra = [name for name in ("reported", "unjudged") if name in predictions]
        if extra:
            self.write_table("decisions", predictions[["clip", "split", *extra]])
        beside = [name for name in ("group", "whole", *extra) if name in predictions]
        self.write_table("predictions", predictions.drop(columns=beside).round(6))

    def write_table(self, name: str, table: "pd.DataFrame") -> None:
        """Writes a table.

        Args:
            name: name of an artifact that is a table, such as "leaderboard".
            table: the table; its index is not written.
        """
        with files.replacing(self.file(name)) as temporary:
            table.to_csv(temporary, index=False)

    def finish(self, metrics: dict[str, Any]) -> None:
        """Writes metrics.json, which makes the run finished, and removes the state of the training.

        Args:
            metrics: content of metrics.json.
        """
        files.write_json(self.file("metrics"), metrics)
        shutil.rmtree(self.file("state"), ignore_errors=True)
