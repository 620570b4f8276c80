"""Published studies, and the experiments that each of them is made of."""

from pathlib import Path
from typing import Any

from kerasinst.experiment.experiment import Experiment
from kerasinst.experiment.locations import packaged

STUDIES = ("ee5180", "audioset4", "irmas", "musicnet")
"""Names of the studies. Each has an experiment file of its name, and files `<name>_<variant>` of its variants."""
FAST: dict[str, dict[str, Any]] = {
    "ee5180": {"audio.segments": 800, "training.epochs": 12},
    "audioset4": {"dataset.most_clips": 60, "training.epochs": 8, "training.batch_size": 32},
    "irmas": {"dataset.most_clips": 50, "training.epochs": 8},
    "musicnet": {"audio.hop_seconds": 3.0, "training.epochs": 4},
}
"""Changes that make all experiments of a study run in minutes."""
FAST_EXPERIMENTS: dict[str, dict[str, Any]] = {
    "ee5180_best": {"audio.segments": None, "training.epochs": 30},
    "audioset4": {"training.learning_rate": 0.003},
    "audioset4_several": {"training.learning_rate": 0.003},
    "audioset4_subclasses": {"training.learning_rate": 0.003},
    "audioset4_best": {"training.epochs": 30},
    "irmas": {"network.filters": [16, 32, 64, 128], "training.learning_rate": 0.001},
    "irmas_best": {"training.epochs": 30},
    "musicnet_timeline": {"audio.hop_seconds": 10.0, "training.epochs": 8},
}
"""Changes of single experiments, on top of those of `FAST`."""


def variants(study: str) -> list[str]:
    """Lists the experiments of a study, the one of its name first.

    Args:
        study: one of `STUDIES`.

    Example:
        >>> variants("musicnet")
        ['musicnet', 'musicnet_mse', 'musicnet_timeline']
    """
    return [study, *(name for name in packaged() if name.startswith(f"{study}_"))]


def experiments_of(
    study: str, *, data: str | Path | None = None, fast: bool = False, changes: dict[str, Any] | None = None
) -> dict[str, Experiment]:
    """Reads the experiments of a study. Only the one of its name keeps its search.

    Args:
        study: one of `STUDIES`.
        data: folder of the study's data set; None is a rendered look-alike.
        fast: whether to train on a part of the data for a few epochs, without a search; names then end in "-fast".
        changes: new values of dotted keys; those of `search` are for the experiment of the study's name alone, those of
            `network` and `training.pretrain` for experiments with the same network. Weights that are frozen in all
            epochs stay so if the number of epochs changes.

    Raises:
        BadInput: if a value is wrong.

    Example:
        >>> experiments_of("irmas", fast=True)["irmas_morlet"].training.epochs
        8
    """
    network = Experiment.from_yaml(study).network.name
    found = {}
    for name in variants(study):
        experiment = Experiment.from_yaml(name)
        if data is not None:
            experiment = experiment.on_data(data)
        searches = name == study and not fast
        made: dict[str, Any] = {} if searches else {"search": None}
        if fast:
            made |= {"name": f"{name}-fast", "training.patience": None, "training.seeds": [1]}
            made |= {**FAST[study], **FAST_EXPERIMENTS.get(name, {})}
        made |= {
            key: value
            for key, value in (changes or {}).items()
            if (searches or not key.startswith("search."))
            and (experiment.network.name == network or not key.startswith(("network.", "training.pretrain")))
        }
        pretrain, epochs = experiment.training.pretrain, experiment.training.epochs
        if pretrain and pretrain.frozen_epochs == epochs:  # in all epochs, however many
            made["training.pretrain.frozen_epochs"] = made.get("training.epochs", epochs)
        found[name] = experiment.override(made)
    return found
