"""Checks whether an experiment can be trained, before any work is put into it."""

from kerasinst.core.errors import BadInput
from kerasinst.evaluation.deciding import make_decision
from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData, create_frontend
from kerasinst.networks import pretrained
from kerasinst.training import augmentations, distillation, losses, pretraining
from kerasinst.training.network import create_network

MOVING = ("cutmix", "cutmix_copies", "time_shift", "time_stretch")
"""Augmentations that change what sounds when."""


def check_buildable(experiment: Experiment, data: PreparedData) -> None:
    """Builds front end, network, augmentations and loss once, to see whether they can be built.

    Args:
        experiment: experiment to be checked.
        data: data that was prepared for the experiment.

    Raises:
        BadInput: if an option of one of them, or the length of a segment, is not allowed.
    """
    training, task = experiment.training, experiment.task
    network = create_network(experiment, create_frontend(experiment), n_labels=len(data.labels))
    _check_times(experiment)
    make_decision(experiment.decision, task, labels=data.labels)
    chain = augmentations.create_all(training.augment, task)
    if training.copies and not chain.on_waveforms:
        raise BadInput("training.copies: there is no augmentation of waveforms to make copies with; add one or drop it")
    for name, options in (training.loss or losses.DEFAULTS[task]).items():
        losses.create(name, task, **options)
    if task == "multi-label" and training.class_weights:
        raise BadInput("training.class_weights: needs task: single-label; use training.sampling: balanced")
    if training.distill:
        distillation.check(training.distill, task)
    if training.pretrain and training.pretrain.weights:
        pretrained.load(
            network,
            pretraining.weights_source(training.pretrain.weights),
            frontend=pretraining.describe_frontend(experiment),
        )
    elif training.pretrain:
        pretraining.first_experiment(experiment)


def _check_times(experiment: Experiment) -> None:
    """Refuses augmentations that move sounds in time where labels belong to frames or to the middle of a segment."""
    for key in ("frame_seconds", "label_seconds"):
        if getattr(experiment.audio, key):
            for name in (name for item in experiment.training.augment for name in item if name in MOVING):
                raise BadInput(
                    f"training.augment: {name} changes what sounds when, which audio.{key} says: leave one of them out"
                )


def check_trainable(experiment: Experiment, data: PreparedData) -> None:
    """Checks what `check_buildable` does, and that the labels of what is learned from suit the task.

    Test clips may have several labels in a single-label task, as those of IRMAS have: see `evaluation.measure`.

    Args:
        experiment: experiment to be checked.
        data: data that was prepared for the experiment.

    Raises:
        BadInput: if the experiment cannot be trained.
    """
    check_buildable(experiment, data)
    for split in ("train", "validation"):
        data.targets(split, experiment.task)
