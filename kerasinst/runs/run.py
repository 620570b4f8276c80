"""One run directory: what verbs write and read, and the one place that knows its file names."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import soundfile

from kerasinst import evaluation
from kerasinst.core import files, safe_yaml
from kerasinst.runs.environment import made_with
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment, read_yaml

BLANK = {name: [""] for name in ("p_value", "seeds_mean", "seeds_deviation", "published")}
"""Numbers of ablation.csv that some rows do not have."""


CHANGEABLE = ("ablation", "compression", "published")
"""Sections that may be changed when a run goes on, beside the number of trials."""
OF_THE_MODEL = ("explanations", "ablation", "ablation.csv", "compressed", "compression.csv", "export")
"""What verbs make of a model, so that it belongs to no other."""


class Run:
    """The files of a run.

    Args:
        path: of the directory.

    Example:
        >>> run = Run("runs/quickstart")
        >>> run.metrics()["clip"]["accuracy"]
        0.55
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
        if run.begun and run._experiment.is_file():
            there = Experiment.from_yaml(run._experiment)
            there, here = (
                each.model_dump(mode="json", exclude={**dict.fromkeys(CHANGEABLE, True), "search": {"trials"}})
                for each in (there, experiment)
            )
            if there != here:
                differing = _difference(there, here)
                raise BadInput(f"{run.path}: holds another experiment ({differing}); give another --run, or remove it")
        elif (
            not run._experiment.is_file()
            and run.path.exists()
            and (not run.path.is_dir() or any(run.path.glob("[!.]*")))
        ):
            raise BadInput(f"{run.path}: exists and is not a run directory; give another --run")
        return run

    @classmethod
    def open(cls, path: str | Path) -> "Run":
        """Opens a run that exists.

        Raises:
            BadInput: if there is none, or it holds no model yet.
        """
        run = cls(path)
        if not run._experiment.is_file():
            raise BadInput(f"{run.path}: not a run directory: there is no experiment.yaml in it")
        return run

    @classmethod
    def around(cls, file: str | Path) -> "Run":
        """The run that a model's file lies in, perhaps as a variant or as an export; its own folder if in none."""
        folder = Path(file).parent
        near = [folder, *folder.absolute().parents[:2]]
        return cls(next((place for place in near if (place / "experiment.yaml").is_file()), folder))

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end; its metrics are written last."""
        return (self.path / "metrics.json").is_file()

    @property
    def begun(self) -> bool:
        """Whether there is work that another experiment or other data would spoil; `prepare` alone is none."""
        return self.finished or any(
            path.exists() for path in (self.state, self.trials, self.model_file, self._baselines)
        )

    @property
    def state(self) -> Path:
        """Folder for what a killed training needs to go on; gone when the run is finished."""
        return self.path / ".training"

    @property
    def trials(self) -> Path:
        """keras-tuner's own directory."""
        return self.path / "trials"

    @property
    def model_file(self) -> Path:
        """The Keras model: waveform in, scores out."""
        return self.path / "model.keras"

    @property
    def report_file(self) -> Path:
        """The page for people."""
        return self.path / "report.html"

    @property
    def logs(self) -> Path:
        """Folder that TensorBoard shows."""
        return self.path / "logs"

    @property
    def figures(self) -> Path:
        """Folder of the page's figures."""
        return self.path / "figures"

    @property
    def explanations(self) -> Path:
        """Folder of heatmaps."""
        return self.path / "explanations"

    @property
    def mistakes(self) -> Path:
        """Folder of what was mistaken most surely, as audio."""
        return self.path / "mistakes"

    @property
    def examples_folder(self) -> Path:
        """Folder of a few test clips, named rightly and wrongly, as audio."""
        return self.path / "examples"

    @property
    def _best(self) -> Path:
        return self.path / "best.yaml"

    @property
    def _experiment(self) -> Path:
        return self.path / "experiment.yaml"

    def experiment(self) -> Experiment:
        """What the run was asked to do."""
        return Experiment.from_yaml(self._experiment)

    def trained(self, experiment: Experiment) -> Experiment:
        """What the network was trained with: the experiment, or the best of what its search tried."""
        return Experiment.from_yaml(self._best) if self._best.is_file() else experiment

    def review_below(self) -> float | None:
        """The threshold of its decision; other keys, such as a network that is no longer there, do not matter."""
        return (read_yaml(self._experiment).get("decision") or {}).get("review_below")

    def environment(self) -> dict[str, Any]:
        """Versions, seeds, hardware, command and commit."""
        return json.loads(self._read("environment.json"))

    def metrics(self) -> dict[str, Any]:
        """Figures on the test split; see section "Files of a run" of the README."""
        return json.loads(self._read("metrics.json"))

    def audit(self) -> dict[str, Any]:
        """What was counted and found in the data set."""
        return json.loads(self._read("audit.json"))

    def labels(self) -> list[str]:
        """In the order of scores."""
        return self._read("labels.txt").splitlines()

    def predictions(self) -> pd.DataFrame:
        """One row a clip, with its labels, split and scores."""
        return self._table("predictions.csv", dtype={"clip": str, "labels": str}, keep_default_na=False)

    def split(self) -> pd.DataFrame:
        """One row a clip, with its group, labels and split."""
        return self._table("split.csv", dtype=str, keep_default_na=False)  # a label may be called "None"

    def history(self) -> pd.DataFrame:
        """One row an epoch."""
        return self._table("history.csv")

    def leaderboard(self) -> pd.DataFrame | None:
        """One row a trial, best first; None if the run is no search."""
        return self._table("leaderboard.csv") if (self.path / "leaderboard.csv").is_file() else None

    @property
    def _baselines(self) -> Path:
        return self.path / "baselines"

    def others(self) -> list["Run"]:
        """Folders of classical models and of compressed variants, each with metrics.json and predictions.csv."""
        files = [*self._baselines.glob("*/metrics.json"), *self.compressed.glob("*/metrics.json")]
        return [Run(file.parent) for file in sorted(files)]

    def baselines(self) -> pd.DataFrame:
        """One row a classical model, best first."""
        return self._table("baselines.csv")

    @property
    def compressed(self) -> Path:
        """Folder of compressed variants, each with model.tflite, labels.txt, predictions.csv and metrics.json."""
        return self.path / "compressed"

    def digest(self) -> str:
        """What tells its model from others."""
        return hashlib.sha256(self.model_file.read_bytes()).hexdigest()[:16]

    def variants(self) -> dict[str, "Run"]:
        """Compressed variants, by name; not those of a model that was there before, nor what cannot be read."""
        found = {file.parent.name: Run(file.parent) for file in sorted(self.compressed.glob("*/metrics.json"))}
        digest = self.digest() if found else ""
        return {name: run for name, run in found.items() if run._made_of().get("model") == digest}

    def _made_of(self) -> dict[str, Any]:
        """The model and the plan of a compressed variant."""
        try:
            return dict(self.metrics()["made_of"])
        except (ValueError, KeyError, TypeError):
            return {}

    def compression(self) -> pd.DataFrame:
        """One row a compressed variant."""
        return self._table("compression.csv", keep_default_na=False, na_values=BLANK)

    def explanation(self) -> dict[str, Any]:
        """How heatmaps were made, how faithful they are, and the clips that are shown."""
        return json.loads(self._read("explanations/explanation.json"))

    def explained(self, what: str) -> pd.DataFrame:
        """Shares of heat over "bands" or "moments", one row a label and band or moment."""
        return self._table(f"explanations/{what}.csv", dtype={"label": str}, keep_default_na=False)

    def inspected(self, what: str) -> pd.DataFrame | None:
        """A table of `evaluate`: "reliability", "slices", "segments_heard" or "mistakes"; None if it was not made."""
        made = (self.path / f"{what}.csv").is_file()
        return self._table(f"{what}.csv", keep_default_na=False) if made else None

    def examples(self) -> pd.DataFrame | None:
        """Test clips to listen to, and what they are taken for; None if there are none."""
        made = (self.path / "examples.csv").is_file()
        return self._table("examples.csv", dtype={"clip": str}, keep_default_na=False) if made else None

    def ablation(self) -> pd.DataFrame:
        """One row for the whole experiment, and one for each change of it."""
        return self._table("ablation.csv", keep_default_na=False, na_values=BLANK)

    def write_experiment(self, experiment: Experiment) -> None:
        """experiment.yaml alone, where nothing else of the run changes."""
        files.write_text(self._experiment, experiment.to_yaml())

    def start(self, experiment: Experiment) -> None:
        """Writes experiment.yaml and environment.json; verbs do so once they know that the work can be done."""
        self.write_experiment(experiment)
        files.write_json(self.path / "environment.json", made_with(experiment.split.seed, experiment.training.seeds))

    def write_data(self, segments: dict[str, list], audit: dict[str, Any], labels: list[str]) -> None:
        """split.csv, audit.json and labels.txt.

        Raises:
            BadInput: if the run was begun with other data, so that its trials or weights would not fit.
        """
        rows = {
            (segment.clip.name, segment.group, "|".join(segment.labels), split): None
            for split, of_split in segments.items()
            for segment in of_split
        }
        split = pd.DataFrame(list(rows), columns=["clip", "group", "labels", "split"])
        if self.begun and (self.path / "split.csv").is_file():
            changed = set(map(tuple, self.split().to_numpy())) ^ set(rows)
            if changed:
                raise BadInput(
                    f"{self.path}: the data set is not the one this run began with ({len(changed)} differences, first "
                    f"{min(changed)[0]}); give another --run, or remove it"
                )
        self._write_table("split.csv", split)
        files.write_json(self.path / "audit.json", audit)
        files.write_text(self.path / "labels.txt", "".join(f"{label}\n" for label in labels))

    def write_training(self, result) -> None:
        """All that a `training.result.TrainingResult` holds: model, history, predictions, examples and metrics."""
        with files.replacing(self.model_file) as temporary:
            result.model.save(temporary)
        self._write_table("history.csv", result.history)
        self.write_predictions(result.predictions)
        self._write_examples(result.examples, result.sounds, result.model.sample_rate)
        self.finish({**result.metrics, "bytes": self.model_file.stat().st_size})

    def _write_examples(self, examples: pd.DataFrame, sounds: list, sample_rate: int) -> None:
        """examples.csv, and the audio of each in the folder examples, named after its label."""
        kinds = ["right" if right else "wrong" for right in examples.right]
        names = [
            f"{number:02d}-{kind}-{files.slug(label)[:60]}.flac"
            for number, (kind, label) in enumerate(zip(kinds, examples.labels, strict=True), 1)
        ]
        with files.replacing(self.examples_folder) as folder:
            folder.mkdir(parents=True)
            for name, waveform in zip(names, sounds, strict=True):
                soundfile.write(folder / name, waveform, sample_rate)
        self._write_table("examples.csv", examples.assign(audio=names))

    def write_leaderboard(self, leaderboard: pd.DataFrame) -> None:
        """One row a trial, best first."""
        self._write_table("leaderboard.csv", leaderboard)

    def write_best(self, experiment: Experiment) -> None:
        """The experiment with the best trial's values, ready for `train`; keras-tuner is not needed to repeat it."""
        files.write_text(self._best, _alone(experiment).to_yaml())

    def has_best(self, experiment: Experiment) -> bool:
        """Whether the model was trained with these values."""
        if not self._best.is_file():
            return False
        there, here = (
            each.model_dump(mode="json", exclude=set(CHANGEABLE))
            for each in (Experiment.from_yaml(self._best), _alone(experiment))
        )
        return there == here

    def reopen(self) -> Path | None:
        """Marks a finished run as unfinished, since its model is about to be replaced.

        Returns:
            The folder that what was made of the old model is moved to, or None if there was nothing.
        """
        (self.path / "metrics.json").unlink(missing_ok=True)
        made = [self.path / name for name in OF_THE_MODEL if (self.path / name).exists()]
        if not made:
            return None
        kept = self.path / "earlier" / self.digest()
        kept.mkdir(parents=True, exist_ok=True)
        for path in made:
            shutil.move(path, kept / path.name)
        return kept

    def write_predictions(self, predictions: pd.DataFrame) -> None:
        """One row a clip; its group is in split.csv."""
        self._write_table("predictions.csv", predictions.drop(columns="group").round(6))

    def write_inspection(self, inspection, sample_rate: int) -> None:
        """Tables of a `deployment.inspection.Inspection`, and its mistakes in a folder of audio files."""
        for name, table in inspection.tables.items():
            self._write_table(f"{name}.csv", table)
        with files.replacing(self.mistakes) as folder:
            folder.mkdir(parents=True)
            for name, waveform in inspection.sounds.items():
                soundfile.write(folder / name, waveform, sample_rate)

    def write_baseline(self, name: str, form: str, model, predictions: pd.DataFrame, metrics: dict[str, Any]) -> None:
        """A folder of a classical model, and baselines.csv with the figures of all that are there."""
        from kerasinst import classical

        folder = self._baselines / f"{form}-{name}"
        classical.save(model, folder / "model.skops")
        size = (folder / "model.skops").stat().st_size
        self._write_table(f"baselines/{folder.name}/predictions.csv", predictions.drop(columns="group").round(6))
        files.write_json(folder / "metrics.json", {"model": name, "features": form, **metrics, "bytes": size})
        found = [json.loads(file.read_text()) for file in self._baselines.glob("*/metrics.json")]
        rows = pd.DataFrame([_row(metrics) for metrics in found])
        self._write_table("baselines.csv", rows.sort_values(["accuracy", "model"], ascending=[False, True]))

    def write_ablation(self, ablation: pd.DataFrame) -> None:
        """One row for the whole experiment, and one for each change of it."""
        self._write_table("ablation.csv", ablation)

    def write_variant(
        self, name: str, content: bytes, labels: list[str], predictions: pd.DataFrame, metrics: dict[str, Any]
    ) -> None:
        """A folder of a compressed variant."""
        with files.replacing(self.compressed / name) as folder:
            folder.mkdir(parents=True)
            (folder / "model.tflite").write_bytes(content)
            variant = Run(folder)
            files.write_text(folder / "labels.txt", "".join(f"{label}\n" for label in labels))
            variant.write_predictions(predictions)
            files.write_json(folder / "metrics.json", metrics)

    def write_compression(self, table: pd.DataFrame) -> None:
        """One row a compressed variant."""
        self._write_table("compression.csv", table)

    def finish(self, metrics: dict[str, Any]) -> None:
        """Writes the metrics, which makes the run finished, and removes what only a killed one would need."""
        files.write_json(self.path / "metrics.json", metrics)
        shutil.rmtree(self.state, ignore_errors=True)

    def _read(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BadInput(f"{self.path}: there is no {name}; let the run finish first") from None

    def _table(self, name: str, **options: Any) -> pd.DataFrame:
        if not (self.path / name).is_file():
            raise BadInput(f"{self.path}: there is no {name}; let the run finish first")
        return pd.read_csv(self.path / name, **options)

    def _write_table(self, name: str, table: pd.DataFrame) -> None:
        with files.replacing(self.path / name) as temporary:
            table.to_csv(temporary, index=False)


def _alone(experiment: Experiment) -> Experiment:
    """The same without its search."""
    return experiment.model_copy(update={"search": None, "name": f"{experiment.name}-best"})


def _row(metrics: dict[str, Any]) -> dict[str, Any]:
    """What tables show of the metrics of a classical model."""
    about = {name: metrics[name] for name in ("bytes", "milliseconds", "seconds_to_train", "tuned", "n_clips")}
    return {
        "model": metrics["model"],
        "features": metrics["features"],
        **evaluation.row(metrics["clip"]),
        "segment_accuracy": metrics["segment"]["accuracy"],
        **about,
    }


def _difference(there: Any, here: Any, key: str = "") -> str:
    """The first key at which two experiments differ, with both values."""
    if isinstance(there, dict) and isinstance(here, dict):
        for part in [*there, *here]:
            if there.get(part) != here.get(part):
                return _difference(there.get(part), here.get(part), f"{key}.{part}" if key else part)
    there, here = (safe_yaml.dump(value, default_flow_style=True).split("\n")[0] for value in (there, here))
    return f"{key}: {there} there, {here} here"
