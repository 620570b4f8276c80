"""How long training takes until validation clips reach an accuracy, with CutMix and without.

    python -m experiments.benchmarks.time_to_accuracy --write features.npz         where the data set is
    python -m experiments.benchmarks.time_to_accuracy --features features.npz      where the GPU is, on any backend

The second command needs no data set: the file holds the features of an experiment's training and validation parts.
Without either option both are done. A row gives samples a second of the later epochs (the first one compiles) and, of
each seed, the seconds until the accuracy was reached first, compilation included.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools

import numpy as np
import typer

from kerasinst.core import cli, console
from kerasinst.experiment import QUICKSTART, Experiment
from kerasinst.experiment.training import TrainingSection

AUGMENTATIONS = {"none": [], "cutmix": [{"cutmix": {}}]}


def features_of(experiment: Experiment) -> dict[str, np.ndarray]:
    """Scaled features and targets of the training and the validation part."""
    from kerasinst.features import extract_features, prepare_data

    data = prepare_data(experiment)
    extracted = extract_features(experiment, data, splits=("train", "validation"))
    found = {}
    for split in ("train", "validation"):
        found[split] = extracted.scaled(split).astype("float16")
        found[f"{split}_targets"] = data.targets(split)
    return found


def times(features: dict[str, np.ndarray], network: str, training: TrainingSection, target: float) -> tuple:
    """Samples a second, and for each seed the seconds until the target was reached; None where it never was."""
    from kerasinst import networks
    from kerasinst.training.fit import fit

    train, validation = (
        (features[split].astype("float32"), features[f"{split}_targets"]) for split in ("train", "validation")
    )
    reached, rates = [], []
    for seed in training.seeds:
        began, seconds = time.perf_counter(), []

        def on_epoch(row, began=began, seconds=seconds):
            seconds.append((time.perf_counter() - began, row["val_accuracy"]))

        with tempfile.TemporaryDirectory() as state:
            fit(
                lambda: networks.create(network, train[0].shape[1:], n_labels=train[1].shape[1]),
                training,
                train=train,
                validation=validation,
                seed=seed,
                state=Path(state),
                on_epoch=on_epoch,
            )
        reached.append(next((at for at, accuracy in seconds if accuracy >= target), None))
        ends = [at for at, _ in seconds]
        rates += [len(train[0]) / (end - start) for start, end in itertools.pairwise(ends)]
    return float(np.median(rates)), reached


def main(
    write: Annotated[Path | None, typer.Option(help="Write the features there and end.")] = None,
    features: Annotated[Path | None, typer.Option(help="Features that --write made.")] = None,
    experiment: Annotated[Path, typer.Option(help="Whose features and training they are.")] = QUICKSTART,
    network: Annotated[list[str], typer.Option(help="Its name; may be given several times.")] = ("strided",),
    batch_size: Annotated[list[int], typer.Option(help="Samples a step; may be given several times.")] = (32,),
    learning_rate: Annotated[float, typer.Option(help="At its highest.")] = 0.01,
    epochs: Annotated[int, typer.Option(help="Of each training.")] = 30,
    seeds: Annotated[int, typer.Option(help="Trainings of each row.")] = 3,
    target: Annotated[float, typer.Option(help="Accuracy of validation clips.")] = 0.8,
) -> None:
    """Prints one row for each network, batch size and augmentation."""
    cli.load_keras()
    import keras

    from kerasinst.core.distribution import first_device

    asked = Experiment.from_yaml(experiment)
    made = dict(np.load(features)) if features else features_of(asked)
    if write:
        np.savez_compressed(write, **made)
        return
    rows = []
    for name in network:
        for size in batch_size:
            for augmentation, augment in AUGMENTATIONS.items():
                training = asked.training.model_copy(
                    update={
                        "augment": augment, "batch_size": size, "epochs": epochs, "learning_rate": learning_rate,
                        "seeds": list(range(1, seeds + 1)),
                    }
                )  # fmt: skip
                rate, reached = times(made, name, training, target)
                shown = " ".join("never" if each is None else f"{each:.1f}" for each in reached)
                rows.append((name, size, augmentation, f"{rate:,.0f}", shown))
                console.say(" ".join(map(str, rows[-1])))
    title = f"{keras.backend.backend()} on {first_device()}: seconds until {target} of validation clips are named right"
    console.show_table(title, ["network", "batch", "augmentation", "samples a second", "seconds, by seed"], rows=rows)


if __name__ == "__main__":
    typer.run(main)
