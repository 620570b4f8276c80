"""One run directory: what verbs write and read."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment, read_yaml
from kerasinst.runs.artifacts import ARTIFACTS, Artifact
from kerasinst.runs.compatibility import difference, same_training, without_search
from kerasinst.runs.environment import made_with

if TYPE_CHECKING:
    import pandas as pd

    from kerasinst.evaluation.inspection import Inspection
    from kerasinst.training.result import TrainingResult


class Run:
    """The files of a run, by their names in `ARTIFACTS`.

    Args:
        path: path of the directory.

    Example:
        >>> run = Run("runs/quickstart")
        >>> run.metrics()["clip"]["accuracy"]
        0.9
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)

    @classmethod
    def create(cls, path: str | Path | None, experiment: Experiment) -> "Run":
        """A new run, or the unfinished or finished one of the same experiment; nothing is written until `start`.

        Args:
            path: None is `runs/<name of the experiment>`.
            experiment: what the run is asked to do.

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
        """Opens a run that exists.

        Raises:
            BadInput: if there is none, or it holds no model yet.
        """
        run = cls(path)
        if not run.has("experiment"):
            raise BadInput(f"{run.path}: not a run directory: there is no experiment.yaml in it")
        return run

    @classmethod
    def around(cls, file: str | Path) -> "Run":
        """The run that a model's file lies in, perhaps as a variant or as an export; its own folder if in none."""
        folder = Path(file).parent
        near = [cls(place) for place in (folder, *folder.absolute().parents[:2])]
        return next((run for run in near if run.has("experiment")), cls(folder))

    def file(self, name: str) -> Path:
        """Where the artifact of that name lies, or would lie.

        Example:
            >>> Run("runs/quickstart").file("report")
            PosixPath('runs/quickstart/report.html')
        """
        return ARTIFACTS[name].within(self.path)

    def has(self, name: str) -> bool:
        """Whether the artifact of that name is there."""
        place = self.file(name)
        return place.is_dir() if ARTIFACTS[name].kind == "folder" else place.is_file()

    def read(self, name: str) -> Any:
        """The content of an artifact: an `Experiment`, a JSON value, a list of lines, or a data frame.

        Raises:
            BadInput: if it is not there.
        """
        artifact = ARTIFACTS[name]
        if artifact.kind != "experiment" and not self.has(name):
            raise BadInput(f"{self.path}: there is no {artifact.path}; let the run finish first")
        return READ[artifact.kind](self.file(name), artifact)

    def _read_if_there(self, name: str) -> Any:
        return self.read(name) if self.has(name) else None

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end; its metrics are written last."""
        return self.has("metrics")

    @property
    def begun(self) -> bool:
        """Whether there is work that another experiment or other data would spoil; `prepare` alone is none."""
        return any(self.has(name) for name in ("metrics", "state", "trials", "model", "baseline_models"))

    @property
    def model_file(self) -> Path:
        """The Keras model: waveform in, scores out."""
        return self.file("model")

    def experiment(self) -> Experiment:
        """What the run was asked to do."""
        return self.read("experiment")

    def trained(self, experiment: Experiment) -> Experiment:
        """What the network was trained with: the experiment, or the best of what its search tried."""
        return self.read("best") if self.has("best") else experiment

    def review_below(self) -> float | None:
        """The threshold of its decision; other keys, such as a network that is no longer there, do not matter."""
        return (read_yaml(self.file("experiment")).get("decision") or {}).get("review_below")

    def environment(self) -> dict[str, Any]:
        """Versions, seeds, hardware, command and commit."""
        return self.read("environment")

    def metrics(self) -> dict[str, Any]:
        """Figures on the test split; the manual's page on the files of a run names them."""
        return self.read("metrics")

    def audit(self) -> dict[str, Any]:
        """What was counted and found in the data set."""
        return self.read("audit")

    def labels(self) -> list[str]:
        """In the order of scores."""
        return self.read("labels")

    def predictions(self) -> "pd.DataFrame":
        """One row a clip, with its labels, split and scores."""
        return self.read("predictions")

    def split(self) -> "pd.DataFrame":
        """One row a clip, with its group, labels and split."""
        return self.read("split")

    def history(self) -> "pd.DataFrame":
        """One row an epoch."""
        return self.read("history")

    def leaderboard(self) -> "pd.DataFrame | None":
        """One row a trial, best first; None if the run is no search."""
        return self._read_if_there("leaderboard")

    def baselines(self) -> "pd.DataFrame":
        """One row a classical model, best first."""
        return self.read("baselines")

    def ablation(self) -> "pd.DataFrame":
        """One row for the whole experiment, and one for each change of it."""
        return self.read("ablation")

    def compression(self) -> "pd.DataFrame":
        """One row a compressed variant."""
        return self.read("compression")

    def explanation(self) -> dict[str, Any]:
        """How heatmaps were made, how faithful they are, and the clips that are shown."""
        return self.read("explanation")

    def inspected(self, table: str) -> "pd.DataFrame | None":
        """A table of `evaluate`: "reliability", "slices", "segments_heard" or "mistakes"; None if it was not made."""
        return self._read_if_there(table)

    def examples(self) -> "pd.DataFrame | None":
        """Test clips to listen to, and what they are taken for; None if there are none."""
        return self._read_if_there("examples")

    def others(self, *kinds: str) -> list["Run"]:
        """Folders of other models than its network, each with metrics.json and predictions.csv.

        Args:
            *kinds: "baseline_models" (classical) and "compressed"; none is both.
        """
        pattern = f"*/{ARTIFACTS['metrics'].path}"
        found = [file for kind in kinds or ("baseline_models", "compressed") for file in self.file(kind).glob(pattern)]
        return [Run(file.parent) for file in sorted(found)]

    def digest(self) -> str:
        """What tells its model from others."""
        return hashlib.sha256(self.model_file.read_bytes()).hexdigest()[:16]

    def variant(self, name: str) -> "Run":
        """The folder of a compressed variant: model.tflite, labels.txt, predictions.csv and metrics.json."""
        return Run(self.file("compressed") / name)

    def variants(self) -> dict[str, "Run"]:
        """Compressed variants, by name; not those of a model that was there before, nor what cannot be read."""
        found = self.others("compressed")
        digest = self.digest() if found else ""
        return {run.path.name: run for run in found if run._made_of().get("model") == digest}

    def _made_of(self) -> dict[str, Any]:
        """The model and the plan of a compressed variant."""
        try:
            return dict(self.metrics()["made_of"])
        except (ValueError, KeyError, TypeError):
            return {}

    def write_experiment(self, experiment: Experiment) -> None:
        """experiment.yaml alone, where nothing else of the run changes."""
        files.write_text(self.file("experiment"), experiment.to_yaml())

    def start(self, experiment: Experiment) -> None:
        """Writes experiment.yaml and environment.json; verbs do so once they know that the work can be done."""
        self.write_experiment(experiment)
        files.write_json(self.file("environment"), made_with(experiment.split.seed, experiment.training.seeds))

    def write_data(self, segments: dict[str, list], audit: dict[str, Any], *, labels: Sequence[str]) -> None:
        """Writes split.csv, audit.json and labels.txt.

        Raises:
            BadInput: if the run was begun with other data, so that its trials or weights would not fit.
        """
        import pandas as pd

        rows = {
            (segment.clip.name, segment.group, "|".join(segment.labels), split): None
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
        self._write_labels(labels)

    def _write_labels(self, labels: Sequence[str]) -> None:
        files.write_text(self.file("labels"), "".join(f"{label}\n" for label in labels))

    def write_training(self, result: "TrainingResult") -> None:
        """All that a training leaves: model, history, predictions, examples and metrics."""
        with files.replacing(self.model_file) as temporary:
            result.model.save(temporary)
        self.write_table("history", result.history)
        self.write_predictions(result.predictions)
        self._write_examples(result.examples, result.sounds, sample_rate=result.model.sample_rate)
        self.finish({**result.metrics, "bytes": self.model_file.stat().st_size})

    def _write_examples(self, examples: "pd.DataFrame", sounds: Sequence[np.ndarray], *, sample_rate: int) -> None:
        """examples.csv, and the audio of each in the folder examples, named after its label."""
        kinds = ["right" if right else "wrong" for right in examples.right]
        names = [
            f"{number:02d}-{kind}-{files.slug(label)[:60]}.flac"
            for number, (kind, label) in enumerate(zip(kinds, examples.labels, strict=True), 1)
        ]
        _write_audio(self.file("examples_audio"), dict(zip(names, sounds, strict=True)), sample_rate)
        self.write_table("examples", examples.assign(audio=names))

    def write_best(self, experiment: Experiment) -> None:
        """The experiment with the best trial's values, ready for `train`; keras-tuner is not needed to repeat it."""
        files.write_text(self.file("best"), without_search(experiment).to_yaml())

    def has_best(self, experiment: Experiment) -> bool:
        """Whether the model was trained with these values."""
        return self.has("best") and same_training(self.read("best"), without_search(experiment))

    def reopen(self) -> Path | None:
        """Marks a finished run as unfinished, since its model is about to be replaced.

        Returns:
            The folder that what was made of the old model is moved to, or None if there was nothing.
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
        """One row a clip; its group is in split.csv."""
        self.write_table("predictions", predictions.drop(columns="group").round(6))

    def write_inspection(self, inspection: "Inspection", sample_rate: int) -> None:
        """Tables of a closer look at a model, and its mistakes in a folder of audio files."""
        for name, table in inspection.tables.items():
            self.write_table(name, table)
        _write_audio(self.file("mistakes_audio"), inspection.sounds, sample_rate)

    def write_baseline(
        self, name: str, features: str, *, save: Callable[[Path], None], predictions: "pd.DataFrame", metrics: dict
    ) -> None:
        """A folder of a classical model.

        Args:
            name: name of the model.
            features: the form of its features.
            save: writes it to a file.
            predictions: predictions of test clips.
            metrics: figures on them.
        """
        model = Run(self.file("baseline_models") / f"{features}-{name}")
        save(model.path / "model.skops")
        model.write_predictions(predictions)
        size = (model.path / "model.skops").stat().st_size
        files.write_json(model.file("metrics"), {"model": name, "features": features, **metrics, "bytes": size})

    def write_variant(
        self, name: str, content: bytes, *, labels: Sequence[str], predictions: "pd.DataFrame", metrics: dict
    ) -> None:
        """A folder of a compressed variant.

        Args:
            name: name of the variant.
            content: content of its TFLite file.
            labels: labels in the order of scores.
            predictions: predictions of validation and test clips.
            metrics: figures on test clips, and costs.
        """
        with files.replacing(self.variant(name).path) as folder:
            folder.mkdir(parents=True)
            variant = Run(folder)
            variant.file("tflite").write_bytes(content)
            variant._write_labels(labels)
            variant.write_predictions(predictions)
            files.write_json(variant.file("metrics"), metrics)

    def write_table(self, name: str, table: "pd.DataFrame") -> None:
        """Writes the table of that name: "leaderboard", "ablation", "compression" and so on."""
        with files.replacing(self.file(name)) as temporary:
            table.to_csv(temporary, index=False)

    def finish(self, metrics: dict[str, Any]) -> None:
        """Writes the metrics, which makes the run finished, and removes what only a killed one would need."""
        files.write_json(self.file("metrics"), metrics)
        shutil.rmtree(self.file("state"), ignore_errors=True)


def _read_table(path: Path, artifact: Artifact) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_csv(path, **artifact.options)


READ: dict[str, Callable[[Path, Artifact], Any]] = {
    "experiment": lambda path, artifact: Experiment.from_yaml(path),
    "json": lambda path, artifact: json.loads(path.read_text(encoding="utf-8")),
    "lines": lambda path, artifact: path.read_text(encoding="utf-8").splitlines(),
    "table": _read_table,
}
"""How each kind of artifact is read."""


def _write_audio(folder: Path, sounds: Mapping[str, np.ndarray], sample_rate: int) -> None:
    with files.replacing(folder) as temporary:
        temporary.mkdir(parents=True)
        for name, waveform in sounds.items():
            soundfile.write(temporary / name, waveform, sample_rate)
