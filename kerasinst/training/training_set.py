"""The training set of an experiment, and the odds with which its samples are drawn."""

import numpy as np

from kerasinst.core.progress import Progress, silent
from kerasinst.experiment import Experiment
from kerasinst.features import Features, PreparedData
from kerasinst.training import augmentations, distillation
from kerasinst.training.batches import balanced
from kerasinst.training.waveform_dataset import TrainingFeatures, WaveformDataset, augmented_copies


def training_set(
    experiment: Experiment, data: PreparedData, *, features: Features, progress: Progress = silent
) -> tuple[TrainingFeatures, np.ndarray]:
    """Makes the training set of an experiment.

    Args:
        experiment: experiment that gives augmentations, copies and teachers.
        data: data that was prepared for the experiment.
        features: features of the data.
        progress: shows the making of augmented copies.

    Returns:
        Features `(segments, frames, bins, channels)`, or waveforms that are augmented anew in each epoch, and targets
        `(segments, labels)`, which are softened by teachers if the experiment asks for that.
    """
    training, plain = experiment.training, features.arrays["train"]
    chain = augmentations.create_all(training.augment, experiment.task).on_waveforms
    waveforms = WaveformDataset(
        data.segments["train"],
        data.targets("train", experiment.task),
        decoded=data.collection.decoded,
        cut=experiment.audio,
        chain=chain,
    )
    if training.distill:
        waveforms.targets = distillation.soften(
            waveforms, plain, labels=data.labels, section=training.distill, task=experiment.task
        )
    if not chain:
        return plain, waveforms.targets
    if not training.copies:
        return waveforms, waveforms.targets
    more, their_targets = augmented_copies(waveforms, training.copies, frontend=features.frontend, progress=progress)
    return plain.followed_by(more), np.concatenate([waveforms.targets, their_targets])


def sampling_odds(experiment: Experiment, data: PreparedData) -> np.ndarray | None:
    """Gives the probability with which each training segment is drawn, or None if all are drawn equally often."""
    if experiment.training.sampling == "natural":
        return None
    return balanced(data.targets("train", experiment.task), [each.clip.name for each in data.segments["train"]])
