"""How well frozen networks hear new labels: what to compare pretrained weights by.

    python -m experiments.benchmarks.transfer --data fsd-mini experiments/pretrained.npz runs/pretraining
    python -m experiments.benchmarks.transfer --data fsd-mini --recipe experiments/small.yaml \
        experiments/pretrained-small.npz

The network of `experiments/best.yaml`, or of another recipe, begins with the weights of each file or run and stays as
it is; scikit-learn's logistic regression is fitted to what it makes of each segment. Five-fold cross-validation as in
`accuracy`, but with many foldings and in seconds, since nothing else is trained; the mean accuracy of clips, and its
standard error over foldings.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from experiments.benchmarks.accuracy import FIVE, folds, prepared
from kerasinst.core import cli, console
from kerasinst.experiment import PROJECT, Experiment

PENALTY = 20
"""One over scikit-learn's C."""


def main(
    weights: Annotated[list[str], typer.Argument(help="Files of weights, or runs.")],
    data: Annotated[Path, typer.Option(help="Collection.")],
    reader: Annotated[str, typer.Option(help="Its reader.")] = "fsdkaggle2018",
    recipe: Annotated[Path, typer.Option(help="The experiment.")] = PROJECT / "experiments" / "best.yaml",
    seeds: Annotated[int, typer.Option(help="Foldings.")] = 10,
) -> None:
    """Prints one row for each file of weights."""
    cli.load_keras()
    best = Experiment.from_yaml(recipe).on_data(data, reader)
    best = best.override({"split.published": False, "training.pretrain": None})
    settings = {
        "5 labels by group": (FIVE, "group"),
        "by session": (FIVE, "session"),
        "all labels by group": (None, "group"),
    }
    columns = [_accuracies(best, labels, by, weights, seeds) for labels, by in settings.values()]
    rows = [(name, *cells) for name, *cells in zip(weights, *columns, strict=True)]
    console.show_table(f"{seeds} foldings, mean ± standard error", ["weights", *settings], rows=rows)


def _accuracies(best: Experiment, labels: list[str] | None, by: str, weights: list[str], seeds: int) -> list[str]:
    from kerasinst.features import PreparedData, cover_clips, extract_features
    from kerasinst.training.network import create_network

    collection = prepared(best, labels, by)
    segments = cover_clips(collection.clips, collection.decoded, cut=best.audio)
    data = PreparedData(collection, {"train": segments, "validation": [], "test": []}, best.audio)
    pictures = extract_features(best, data)
    found = []
    for source in weights:
        network = create_network(best, pictures.frontend, n_labels=len(collection.labels))
        statistics = _hear(network, source, pictures.scaled("train"))
        accuracies = [_cross_validate(statistics, segments, collection, seed) for seed in range(1, seeds + 1)]
        found.append(f"{np.mean(accuracies):.3f} ± {np.std(accuracies) / np.sqrt(seeds):.3f}")
    return found


def _hear(network, source: str, pictures: np.ndarray) -> np.ndarray:
    """What the network makes of pictures before it scores them."""
    import keras

    from kerasinst.networks import pretrained

    pretrained.load(network, source)
    return keras.Model(network.input, network.layers[-1].input).predict(pictures, verbose=0)


def _cross_validate(statistics: np.ndarray, segments, collection, seed: int) -> float:
    names = np.array([segment.clip.name for segment in segments])
    truth = np.array([segment.labels[0] for segment in segments])
    right = 0
    for train, test in folds(collection.clips, collection.labels, seed):
        known = np.isin(names, [clip.name for clip in train])
        weight = np.array([1 / (names == name).sum() for name in names[known]])  # clips count alike
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=1 / PENALTY, class_weight="balanced", max_iter=2000)
        ).fit(statistics[known], truth[known], logisticregression__sample_weight=weight)
        for clip in test:
            scores = model.predict_proba(statistics[names == clip.name]).mean(axis=0)
            right += model.classes_[scores.argmax()] == clip.labels[0]
    return right / len(collection.clips)


if __name__ == "__main__":
    typer.run(main)
