"""The fit of one network with one seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from kerasinst.core.distribution import all_devices, worth_compiling
from kerasinst.experiment.training import TrainingSection
from kerasinst.features.sharded_array import ShardedArray
from kerasinst.training import augmentations, losses
from kerasinst.training.batches import Batches
from kerasinst.training.checkpointing import TrainingCheckpoint
from kerasinst.training.losses.iou_like import MissAndFalseAlarmRate
from kerasinst.training.optimizers import create_optimizer
from kerasinst.training.training_model import TrainingModel
from kerasinst.training.waveform_dataset import WaveformDataset


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
    training: TrainingSection,
    *,
    train: tuple[np.ndarray | ShardedArray | WaveformDataset, np.ndarray],
    validation: tuple[np.ndarray | ShardedArray, np.ndarray] | None,
    seed: int,
    state: Path,
    scaling: keras.layers.Layer | None = None,
    frontend: keras.layers.Layer | None = None,
    task: str = "single-label",
    load: Callable[[keras.Model], list[str]] = lambda network: [],
    odds: np.ndarray | None = None,
    on_epoch: Callable[[dict], None] = lambda row: None,
) -> Fitted:
    """Trains a network.

    Args:
        build: makes the untrained network; it is called after the seeds are set.
        training: everything that an experiment says about it.
        train: features `(n, frames, bins, channels)`, or a `WaveformDataset`, and targets `(n, labels)`.
        validation: features and targets of the validation split, or None if the last epoch is kept.
        seed: the same seed gives the same network on the same machine.
        state: folder for the weights of the last and the best epoch; if it holds some, training goes on from there.
        scaling: adapted layer that scales features, or None.
        frontend: turns waveforms into features, where `train` holds waveforms.
        task: "single-label" or "multi-label".
        load: loads pretrained weights into a network and names the layers that got some; they are frozen first.
        odds: how likely each training sample is drawn; None takes each once an epoch.
        on_epoch: is given each row of the history.

    Raises:
        BadInput: if an augmentation, the loss or the pretrained weights cannot be had as asked.
        Diverged: if no epoch ended with a finite loss.
    """
    keras.utils.set_random_seed(seed)
    checkpoint = TrainingCheckpoint(state, training, seed=seed, on_epoch=on_epoch)
    checkpoint.tell()
    with all_devices() as n_devices:
        chain = augmentations.create_all(training.augment, task)
        features, targets, odds = chain.extend(*train, odds)
        with _precision(training.precision):
            network = build()
            pretrained = load(network)
            weights = class_weights(targets) if training.class_weights else None
            model = TrainingModel(
                network, scaling, augmentations=chain.on_features, class_weights=weights, frontend=frontend
            )
        model.build([(None, *features.shape[1:]), (None, targets.shape[1])])
        for first, end, frozen in _stages(training):
            if checkpoint.finished or checkpoint.done >= end:
                continue
            model.freeze(pretrained if frozen else [])
            _compile(model, training, task=task, steps=-(-len(targets) // training.batch_size), frozen=frozen)
            checkpoint.restore(model, optimizer=checkpoint.done > first)
            batches = Batches(
                features, targets, batch_size=training.batch_size, seed=seed, epoch=checkpoint.done, odds=odds,
                multiple=n_devices,
            )  # fmt: skip
            model.fit(
                batches,
                validation_data=validation and Batches(*validation, batch_size=training.batch_size, multiple=n_devices),
                epochs=end,
                initial_epoch=checkpoint.done,
                shuffle=False,
                verbose=0,
                callbacks=[*([keras.callbacks.SwapEMAWeights()] if training.average else []), checkpoint],
            )
        score = checkpoint.restore_best(model)
        model.freeze([])
    if n_devices > 1 or training.precision != "float32":
        network = _in_float32(network, build)
    history = pd.DataFrame(checkpoint.rows)
    return Fitted(network, history, score, float(history.seconds.sum()), seed)


def _in_float32(network: keras.Model, build: Callable[[], keras.Model]) -> keras.Model:
    """The same network on one device, computing in floats of 32 bits."""
    plain = build()
    plain.set_weights(network.get_weights())
    return plain


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


def _compile(model: TrainingModel, training: TrainingSection, *, task: str, steps: int, frozen: bool) -> None:
    asked = training.loss or losses.DEFAULTS[task]
    (loss,) = [losses.create(name, task, **options) for name, options in asked.items()]
    if task == "single-label":
        metrics = [keras.metrics.CategoricalAccuracy("accuracy")]
    else:
        metrics = [keras.metrics.BinaryAccuracy("accuracy"), MissAndFalseAlarmRate()]
    model.compile(
        create_optimizer(training, steps, frozen=frozen), loss, metrics=metrics, jit_compile=worth_compiling()
    )
    model.optimizer.build(model.trainable_variables)


@contextmanager
def _precision(name: str) -> Iterator[None]:
    """Lets layers that are made in the block compute with this policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
