"""The training of one network with one seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from kerasinst.core import interrupts
from kerasinst.core.distribution import all_devices, worth_compiling
from kerasinst.experiment.training import TrainingSection
from kerasinst.features.sharded_array import ShardedArray
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.training import augmentations, losses, traced_models
from kerasinst.training.batches import Batches
from kerasinst.training.checkpointing import TrainingCheckpoint
from kerasinst.training.losses.iou_like import MissAndFalseAlarmRate
from kerasinst.training.optimizers import create_optimizer
from kerasinst.training.training_model import TrainingModel
from kerasinst.training.validation_figure import ValidationFigure
from kerasinst.training.waveform_dataset import TrainingFeatures


@dataclass(frozen=True)
class Fitted:
    """A trained network.

    Attributes:
        network: network with the weights of its best epoch.
        history: one row per epoch, with the columns seed, epoch, loss, accuracy, val_loss, val_accuracy, seconds.
        score: best value of what was monitored.
        seconds: duration of all epochs.
        seed: seed of weights, order, dropout and augmentation.
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
    train: tuple[TrainingFeatures, np.ndarray],
    validation: tuple[np.ndarray | ShardedArray, np.ndarray] | None,
    seed: int,
    state: Path,
    scaling: keras.layers.Layer | None = None,
    frontend: FrontEnd | None = None,
    task: str = "single-label",
    load: Callable[[keras.Model], list[str]] = lambda network: [],
    odds: np.ndarray | None = None,
    last_epoch: int | None = None,
    structure: str | None = None,
    on_epoch: Callable[[dict], None] = lambda row: None,
) -> Fitted:
    """Trains a network.

    Args:
        build: makes the untrained network; it is called after the seeds are set.
        training: section of the experiment that says how to train.
        train: features `(n, frames, bins, channels)` or a `WaveformDataset`, and targets `(n, labels)`.
        validation: features and targets of the validation split, or None if the last epoch is kept.
        seed: seed of all random numbers; the same seed gives the same network on the same machine.
        state: folder for the weights of the last and the best epoch; if it holds some, training goes on from there.
        scaling: adapted layer that scales features, or None.
        frontend: layer from waveforms to features, if `train` holds waveforms.
        task: "single-label" or "multi-label".
        load: loads pretrained weights into the network and gives the names of the layers that got some; these are
            frozen at first.
        odds: probability with which each training sample is drawn, `(n,)`; None takes each once an epoch.
        last_epoch: number of epochs after which to stop, on the schedule of all of them; None trains all of them.
        structure: description of everything that decides what a step computes, except for values of variables; the
            next training with the same one uses the same model, and so must come after the network was used.
        on_epoch: is called with each row of the history.

    Returns:
        The trained network, computing in float32 on one device.

    Raises:
        BadInput: if an augmentation or the loss cannot be made as asked, or pretrained weights cannot be loaded.
        Diverged: if no epoch ended with a finite loss.
    """
    keras.utils.set_random_seed(seed)
    checkpoint = TrainingCheckpoint(state, training, seed=seed, on_epoch=on_epoch, last_epoch=last_epoch)
    checkpoint.tell()
    with all_devices() as n_devices:
        chain = augmentations.create_all(training.augment, task)
        features, targets, odds = chain.extend(*train, odds=odds)
        with _precision(training.precision):
            network = build()
            pretrained = load(network)
            weights = class_weights(targets) if training.class_weights else None
            model = TrainingModel(
                network,
                scaling,
                augmentations=chain.on_features,
                class_weights=weights,
                frontend=frontend,
                masks=any(np.isnan(each[1]).any() for each in (train, validation) if each),
            )
        model.build([(None, *features.shape[1:]), (None, targets.shape[1])])
        steps = -(-len(targets) // training.batch_size)
        held_out = validation and Batches(*validation, batch_size=training.batch_size, multiple=n_devices)
        for first, end, frozen in _stages(training):
            if checkpoint.finished or checkpoint.done >= end:
                continue
            model.freeze(pretrained if frozen else [])
            with traced_models.compiled(
                model,
                structure if n_devices == 1 else None,
                training=training,
                steps=steps,
                compile=partial(_compile, training=training, task=task, steps=steps, frozen=frozen),
            ) as model:
                checkpoint.restore(model, optimizer=checkpoint.done > first)
                batches = Batches(
                    features, targets, batch_size=training.batch_size, seed=seed, epoch=checkpoint.done, odds=odds,
                    multiple=n_devices,
                )  # fmt: skip
                callbacks = [*_figures(training, held_out, task=task), checkpoint]
                _run(
                    model,
                    batches,
                    held_out,
                    epochs=(checkpoint.done, min(end, checkpoint.last_epoch)),
                    callbacks=callbacks,
                )
        score = checkpoint.restore_best(model)
        model.freeze([])
    network = model.network
    if n_devices > 1 or training.precision != "float32":
        network = _in_float32(network, build)
    history = pd.DataFrame(checkpoint.rows)
    return Fitted(network, history, score, float(history.seconds.sum()), seed)


def _run(
    model: TrainingModel,
    batches: Batches,
    held_out: Batches | None,
    *,
    epochs: tuple[int, int],
    callbacks: list[keras.callbacks.Callback],
) -> None:
    """Trains from one epoch to another; Ctrl-C ends the training after the epoch that runs."""
    with interrupts.deferred() as check:
        interruption = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: check())
        model.fit(
            batches,
            validation_data=held_out,
            initial_epoch=epochs[0],
            epochs=epochs[1],
            shuffle=False,
            verbose=0,
            callbacks=[*callbacks, interruption],
        )


def _in_float32(network: keras.Model, build: Callable[[], keras.Model]) -> keras.Model:
    """Copies a network to one device, where it computes in float32."""
    plain = build()
    plain.set_weights(network.get_weights())
    return plain


def class_weights(targets: np.ndarray) -> np.ndarray:
    """Computes weights of labels that are inversely proportional to their frequencies, with mean 1 over all samples.

    Equals `sklearn.utils.class_weight.compute_class_weight("balanced", ...)`.

    Args:
        targets: targets of shape `(n, labels)`.

    Returns:
        Weights of shape `(labels,)`.
    """
    counts = np.nansum(targets, axis=0)
    return (len(targets) / (len(counts) * np.maximum(counts, 1e-9))).astype("float32")


def _stages(training: TrainingSection) -> list[tuple[int, int, bool]]:
    """Lists the stages: first epoch, epoch after the last, and whether loaded weights are frozen in between."""
    frozen = training.pretrain.frozen_epochs if training.pretrain else 0
    return [*([(0, frozen, True)] if frozen else []), (frozen, training.epochs, False)]


def _figures(training: TrainingSection, held_out: Batches | None, *, task: str) -> list[keras.callbacks.Callback]:
    """Lists the callbacks that come before the checkpoint: the averaging of weights, and the figure it monitors."""
    averages = training.average is not None
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.SwapEMAWeights()] if averages else []
    if held_out and training.monitor != "last":
        callbacks.append(ValidationFigure(training.monitor, held_out, task=task, averages=averages))
    return callbacks


def _compile(
    model: TrainingModel, adjustable: bool, *, training: TrainingSection, task: str, steps: int, frozen: bool
) -> None:
    """Compiles a model with the optimizer, the loss and the metrics of a stage of `steps` batches an epoch."""
    asked = training.loss or losses.DEFAULTS[task]
    (loss,) = [losses.create(name, task, **options) for name, options in asked.items()]
    if task == "single-label":
        metrics = [keras.metrics.CategoricalAccuracy("accuracy")]
    else:
        metrics = [keras.metrics.BinaryAccuracy("accuracy"), MissAndFalseAlarmRate()]
    model.compile(
        create_optimizer(training, steps, frozen=frozen, adjustable=adjustable),
        loss,
        weighted_metrics=metrics,  # samples with which batches are filled up weigh nothing
        jit_compile=worth_compiling(),
    )
    model.optimizer.build(model.trainable_variables)


@contextmanager
def _precision(name: str) -> Iterator[None]:
    """Sets the data type policy of the layers that are made in the block."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
