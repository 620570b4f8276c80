"""Writes the results of trainings, evaluations, classical models and compressions into a run."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from kerasinst.core import files
from kerasinst.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from kerasinst.evaluation.inspection import Inspection
    from kerasinst.training.result import TrainingResult


def write_training(run: Run, result: "TrainingResult") -> None:
    """Writes the model, history, predictions, examples and metrics of a training, which makes the run finished.

    Args:
        run: run that was started.
        result: result of the training.
    """
    with files.replacing(run.model_file) as temporary:
        result.model.save(temporary)
    run.write_table("history", result.history)
    run.write_predictions(result.predictions)
    for name, table in result.operating.items():
        run.write_table(name, table)
    _write_examples(run, result.examples, sounds=result.sounds, sample_rate=result.model.sample_rate)
    run.finish({**result.metrics, "bytes": run.model_file.stat().st_size})


def _write_examples(run: Run, examples: "pd.DataFrame", *, sounds: Sequence[np.ndarray], sample_rate: int) -> None:
    """Writes examples.csv, and the audio of each example, which is named after its labels."""
    kinds = ["right" if right else "wrong" for right in examples.right]
    names = [
        f"{number:02d}-{kind}-{files.slug(label)[:60]}.flac"
        for number, (kind, label) in enumerate(zip(kinds, examples.labels, strict=True), 1)
    ]
    _write_audio(run.file("examples_audio"), dict(zip(names, sounds, strict=True)), sample_rate=sample_rate)
    run.write_table("examples", examples.assign(audio=names))


def write_inspection(run: Run, inspection: "Inspection", *, sample_rate: int) -> None:
    """Writes the tables of an inspection, and the audio of the surest mistakes.

    Args:
        run: run of the evaluation.
        inspection: findings of `evaluate`.
        sample_rate: sample rate of the audio, in Hz.
    """
    for name, table in inspection.tables.items():
        run.write_table(name, table)
    _write_audio(run.file("mistakes_audio"), inspection.sounds, sample_rate=sample_rate)


def write_baseline(
    run: Run, name: str, *, features: str, save: Callable[[Path], None], predictions: "pd.DataFrame", metrics: dict
) -> None:
    """Writes the folder of a classical model.

    Args:
        run: run of the experiment.
        name: name of the model.
        features: form of its features, "picture" or "statistics".
        save: function that writes the model to a path.
        predictions: predictions of test clips.
        metrics: figures on test clips, and costs.
    """
    model = Run(run.file("baseline_models") / f"{features}-{name}")
    save(model.file("classical_model"))
    model.write_predictions(predictions)
    size = model.file("classical_model").stat().st_size
    files.write_json(model.file("metrics"), {"model": name, "features": features, **metrics, "bytes": size})


def write_variant(
    run: Run, name: str, *, content: bytes, labels: Sequence[str], predictions: "pd.DataFrame", metrics: dict
) -> None:
    """Writes the folder of a compressed variant.

    Args:
        run: run of the trained model.
        name: name of the variant.
        content: content of its TFLite file.
        labels: labels in the order of scores.
        predictions: predictions of validation and test clips.
        metrics: figures on test clips, and costs.
    """
    with files.replacing(run.variant(name).path) as folder:
        folder.mkdir(parents=True)
        variant = Run(folder)
        variant.file("tflite").write_bytes(content)
        variant.write_labels(labels)
        variant.write_predictions(predictions)
        files.write_json(variant.file("metrics"), metrics)


def _write_audio(folder: Path, sounds: Mapping[str, np.ndarray], *, sample_rate: int) -> None:
    """Writes waveforms into a folder, by the names of their files."""
    with files.replacing(folder) as temporary:
        temporary.mkdir(parents=True)
        for name, waveform in sounds.items():
            soundfile.write(temporary / name, waveform, sample_rate)
