"""What a search over the ee5180 study's space finds, beside the study's own optimum, on the same grouped split.

    python -m experiments.benchmarks.ee5180_space --data DIR
    python -m experiments.benchmarks.ee5180_space --data DIR --write features.npz     where the data set is
    python -m experiments.benchmarks.ee5180_space --features features.npz             where the GPU is, on any backend

The first trial is the study's optimum. The search chooses by the accuracy of validation segments; then the study's
optimum and the best trial are trained with further seeds, and scored on validation segments and once on test clips.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import typer

from kerasinst.core import cli, console
from kerasinst.experiment import Experiment

SPLITS = ("train", "validation", "test")


def features_of(experiment: Experiment) -> dict[str, np.ndarray]:
    """Scaled features, targets and clips of each split."""
    from kerasinst.features import extract_features, prepare_data

    data = prepare_data(experiment)
    extracted = extract_features(experiment, data)
    found = {}
    for split in SPLITS:
        found[split] = extracted.scaled(split).astype("float16")
        found[f"{split}_targets"] = data.targets(split)
        found[f"{split}_clips"] = np.unique([each.clip.name for each in data.segments[split]], return_inverse=True)[1]
    return found


def train(experiment: Experiment, features: dict[str, np.ndarray], *, seed: int) -> Any:
    """Trains the network of an experiment on given features."""
    from kerasinst import networks
    from kerasinst.training.fit import fit

    train, validation = (
        (features[split].astype("float32"), features[f"{split}_targets"]) for split in ("train", "validation")
    )
    with tempfile.TemporaryDirectory() as state:
        return fit(
            lambda: networks.create(
                experiment.network.name, train[0].shape[1:], n_labels=train[1].shape[1], **experiment.network.options
            ),
            experiment.training,
            train=train,
            validation=validation,
            seed=seed,
            state=Path(state),
        )


def clip_accuracy(network: Any, features: dict[str, np.ndarray]) -> float:
    """Share of test clips whose mean scores name the right label."""
    scores = network.predict(features["test"].astype("float32"), batch_size=256, verbose=0)
    clips = features["test_clips"]
    right = [
        scores[clips == clip].mean(axis=0).argmax() == features["test_targets"][clips == clip][0].argmax()
        for clip in np.unique(clips)
    ]
    return float(np.mean(right))


def search(experiment: Experiment, features: dict[str, np.ndarray], *, trials: int) -> list[tuple[float, Experiment]]:
    """Draws trials at random, the experiment as it is written first; gives the score and the experiment of each."""
    import keras_tuner

    from kerasinst.tuning import oracles
    from kerasinst.tuning.space import Space

    space = Space(experiment.search.space, experiment)
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    oracle = oracles.create(
        "random", hyperparameters, objective="val_accuracy", trials=trials, epochs=experiment.training.epochs,
        seed=experiment.training.seeds[0], as_written=space.as_written(),
    )  # fmt: skip
    found = []
    with tempfile.TemporaryDirectory() as folder:
        oracle.open(Path(folder) / "trials")
        for number in range(trials):
            trial = oracle.create_trial(str(number))
            drawn = space.experiment_with(trial.hyperparameters.values)
            fitted = train(drawn, features, seed=experiment.training.seeds[0])
            oracle.update_trial(trial.trial_id, {"val_accuracy": fitted.score})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
            found.append((fitted.score, drawn))
            console.say(f"trial {number}: {fitted.score:.3f} {drawn.network.options} {drawn.training.learning_rate}")
    return found


def main(
    data: Annotated[Path | None, typer.Option(help="FSDKaggle2018, or a part of it.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write the features there and end.")] = None,
    features: Annotated[Path | None, typer.Option(help="Features that --write made.")] = None,
    trials: Annotated[int, typer.Option(help="Of the search.")] = 20,
    seeds: Annotated[int, typer.Option(help="Trainings of each row.")] = 5,
    changes: Annotated[list[str] | None, typer.Option("--set", help="Change a value of the experiment.")] = None,
) -> None:
    """Prints one row for the study's optimum, and one for the best trial."""
    cli.load_keras()
    import keras

    from kerasinst.core.distribution import first_device

    experiment = Experiment.from_yaml("ee5180")
    if data:
        experiment = experiment.on_data(data)
    experiment = experiment.override(cli.assignments(changes))
    made = dict(np.load(features)) if features else features_of(experiment)
    if write:
        np.savez_compressed(write, **made)
        return
    found = search(experiment, made, trials=trials)
    score, best = max(found, key=lambda each: each[0])
    rows = []
    for name, asked, first in (("the study's optimum", found[0][1], found[0][0]), ("the best trial", best, score)):
        fits = [train(asked, made, seed=seed) for seed in range(101, 101 + seeds)]
        scores = [fitted.score for fitted in fits]
        tests = [clip_accuracy(fitted.network, made) for fitted in fits]
        options, parameters = asked.network.options, fits[0].network.count_params()
        values = "/".join(" ".join(map(str, options[key])) for key in ("conv_filters", "kernel_sizes", "dense_units"))
        rows.append(
            (
                name, f"{first:.3f}", f"{np.mean(scores):.3f} ±{np.std(scores, ddof=1):.3f}",
                f"{np.mean(tests):.3f} ±{np.std(tests, ddof=1):.3f}", f"{parameters:,}",
                f"{values}, {asked.training.learning_rate:g}",
            )
        )  # fmt: skip
    counts = ", ".join(f"{split} {len(np.unique(made[f'{split}_clips']))}" for split in SPLITS)
    title = (
        f"{keras.backend.backend()} on {first_device()}: ee5180, {trials} trials of "
        f"{experiment.training.epochs} epochs, {seeds} further seeds, clips: {counts}"
    )
    columns = ["", "validation, in the search", "validation", "test clips", "parameters", "values"]
    console.show_table(title, columns, rows=rows)


if __name__ == "__main__":
    typer.run(main)
