"""The weights that an experiment begins with: from a file, or from an experiment that is trained first."""

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
    """What loads the weights that an experiment begins with into its network, and names the layers that got some.

    Args:
        experiment: with or without pretraining.
        train_first: trains an experiment, or finds it trained, and gives the file of its network's weights.
    """
    section = experiment.training.pretrain
    if section is None:
        return lambda network: []
    source = weights_source(section.weights) if section.weights else train_first(first_experiment(experiment))
    return lambda network: pretrained.load(network, source, frontend=describe_frontend(experiment))


def describe_frontend(experiment: Experiment) -> dict[str, Any]:
    """What decides the features of an experiment."""
    return pretrained.describe(create_frontend(experiment), experiment.frontend.scaling)


def weights_source(name: str) -> str | Path:
    """A file or folder of that name, or the name itself, which may be a preset's."""
    path = find(name)
    return path if path.exists() else name


def first_experiment(experiment: Experiment) -> Experiment:
    """The experiment that is trained first; it must hear the same pictures.

    Raises:
        BadInput: if it does not, or cannot be read.
    """
    path = find(experiment.training.pretrain.experiment)
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
