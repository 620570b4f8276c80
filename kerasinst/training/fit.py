"""The fit of one network with one seed."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from kerasinst.core.distribution import all_devices, worth_compiling
from kerasinst.experiment.training import TrainingSection
from kerasinst.training import augmentations, losses
from kerasinst.training.batches import Batches
from kerasinst.training.checkpointing import TrainingCheckpoint
from kerasinst.training.losses.iou_like import MissAndFalseAlarmRate
from kerasinst.training.optimizers import create_optimizer
from kerasinst.training.training_model import TrainingModel


@dataclass(frozen=True)
class Fitted:
    """A trained network.

    Attributes:
        network: with the weights of its best epoch.
        history: one row an epoch, with the columns seed, epoch, loss, accuracy, val_loss, val_accuracy, seconds.
        score: the best value of what was monitored.
        seconds: all epochs together.
        seed: of weights, order, dropout and augmentation.
    """

    network: keras.Model
    history: pd.DataFrame
    score: float
    seconds: float
    seed: int


def fit(
    build: Callable[[], keras.Model],
    scaling: keras.layers.Layer | None,
    training: TrainingSection,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray] | None,
    seed: int,
    state: Path,
    on_epoch: Callable[[dict], None] = lambda row: None,
    task: str = "single-label",
    frontend: keras.layers.Layer | None = None,
    load: Callable[[keras.Model], list[str]] = lambda network: [],
    odds: np.ndarray | None = None,
) -> Fitted:
    """Trains a network.

    Args:
        build: makes the untrained network; it is called after the seeds are set.
        scaling: adapted layer that scales features, or None.
        training: everything that an experiment says about it.
        train: features `(n, frames, bins, channels)`, or `WaveformDataset`, and targets `(n, labels)`.
        validation: features and targets of the validation split, or None if the last epoch is kept.
        seed: the same seed gives the same network on the same machine.
        state: folder for the weights of the last and the best epoch; if it holds some, training goes on from there.
        on_epoch: is given each row of the history.
        task: "single-label" or "multi-label".
        frontend: turns waveforms into features, where `train` holds waveforms.
        load: loads pretrained weights into a network and names the layers that got some; they are frozen first.
        odds: how likely each training sample is drawn; None takes each once an epoch.

    Raises:
        BadInput: if an augmentation, the loss or the pretrained weights cannot be had as asked.
        Diverged: if no epoch ended with a finite loss.
    """
    keras.utils.set_random_seed(seed)
    checkpoint = TrainingCheckpoint(state, training, seed, on_epoch)
    checkpoint.tell()
    with all_devices() as n_devices:
        chain = augmentations.create_all(training.augment, task)
        *train, odds = chain.extend(*train, odds)
        with _precision(training.precision):
            network = build()
            pretrained = load(network)
            weights = class_weights(train[1]) if training.class_weights else None
            training_model = TrainingModel(network, scaling, chain.on_pictures, weights, frontend)
        training_model.build([(None, *train[0].shape[1:]), (None, train[1].shape[1])])
        for first, end, frozen in _stages(training):
            if checkpoint.finished or checkpoint.done >= end:
                continue
            training_model.freeze(pretrained if frozen else [])
            _compile(training_model, training, task, steps=-(-len(train[1]) // training.batch_size), frozen=frozen)
            checkpoint.restore(training_model, optimizer=checkpoint.done > first)
            training_model.fit(
                Batches(*train, training.batch_size, seed, checkpoint.done, odds, n_devices),
                validation_data=validation and Batches(*validation, training.batch_size, multiple=n_devices),
                epochs=end,
                initial_epoch=checkpoint.done,
                shuffle=False,
                verbose=0,
                callbacks=[*([keras.callbacks.SwapEMAWeights()] if training.average else []), checkpoint],
            )
        score = checkpoint.restore_best(training_model)
        training_model.freeze([])
    if n_devices > 1 or training.precision != "float32":
        plain = build()
        plain.set_weights(network.get_weights())
        network = plain
    history = pd.DataFrame(checkpoint.rows)
    return Fitted(network, history, score, float(history.seconds.sum()), seed)


def class_weights(targets: np.ndarray) -> np.ndarray:
    """Weights inversely proportional to label frequencies, with mean 1 over the training set.

    Equals `sklearn.utils.class_weight.compute_class_weight("balanced", ...)`.
    """
    counts = targets.sum(axis=0)
    return (len(targets) / (len(counts) * np.maximum(counts, 1e-9))).astype("float32")


def _stages(training: TrainingSection) -> list[tuple[int, int, bool]]:
    """The epochs in which loaded weights are frozen and those in which all learn: first, end, and which."""
    frozen = training.pretrain.frozen_epochs if training.pretrain else 0
    return [*([(0, frozen, True)] if frozen else []), (frozen, training.epochs, False)]


def _compile(training_model: TrainingModel, training: TrainingSection, task: str, steps: int, frozen: bool) -> None:
    asked = training.loss or losses.DEFAULTS[task]
    (loss,) = [losses.create(name, task, **options) for name, options in asked.items()]
    if task == "single-label":
        metrics = [keras.metrics.CategoricalAccuracy("accuracy")]
    else:
        metrics = [keras.metrics.BinaryAccuracy("accuracy"), MissAndFalseAlarmRate()]
    training_model.compile(
        create_optimizer(training, steps, frozen), loss, metrics=metrics, jit_compile=worth_compiling()
    )
    training_model.optimizer.build(training_model.trainable_variables)


@contextmanager
def _precision(name: str):
    """Lets layers that are made in the block compute with this policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
