"""The weights with which a training begins: from a file, or from an experiment that is trained first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment, find
from kerasinst.features import create_frontend
from kerasinst.networks import pretrained


def weight_loader(
    experiment: Experiment, train_first: Callable[[Experiment], Path]
) -> Callable[[keras.Model], list[str]]:
    """Makes the function that loads the pretrained weights of an experiment into its network.

    Args:
        experiment: experiment with or without pretraining.
        train_first: trains an experiment, unless that was done before, and gives the file of its network's weights.

    Returns:
        A function that fills a network, and gives the names of the layers that it filled.
    """
    section = experiment.training.pretrain
    if section is None:
        return lambda network: []
    source = weights_source(section.weights) if section.weights else train_first(first_experiment(experiment))
    return lambda network: pretrained.load(network, source, frontend=describe_frontend(experiment))


def describe_frontend(experiment: Experiment) -> dict[str, Any]:
    """Describes everything that decides the features of an experiment."""
    return pretrained.describe(create_frontend(experiment), experiment.frontend.scaling)


def weights_source(name: str) -> str | Path:
    """Gives the file or folder of that name, or the name itself, which may be that of a preset."""
    path = find(name)
    return path if path.exists() else name


def first_experiment(experiment: Experiment) -> Experiment:
    """Reads the experiment that is trained first, which must have the same features.

    Args:
        experiment: experiment whose pretraining names another experiment.

    Raises:
        BadInput: if the features differ, or the experiment cannot be read.
    """
    section = experiment.training.pretrain
    if section is None or section.experiment is None:
        raise BadInput("training.pretrain: it names no experiment that is trained first")
    path = find(section.experiment)
    first = Experiment.from_yaml(path)
    for mine, its, what in (
        (experiment.frontend.name, first.frontend.name, "frontend.name"),
        (experiment.frontend.preset, first.frontend.preset, "frontend.preset"),
        (experiment.frontend.options, first.frontend.options, "the options of frontend"),
        (experiment.frontend.scaling, first.frontend.scaling, "frontend.scaling"),
        (experiment.audio.sample_rate, first.audio.sample_rate, "audio.sample_rate"),
    ):
        if mine != its:
            raise BadInput(f"training.pretrain: {what} is {its} in {path} and {mine} here; make them the same")
    return first
