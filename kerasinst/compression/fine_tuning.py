"""Fine-tuning: training again, in tf_keras, after a network was made smaller."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tf_keras
from keras import ops

from kerasinst.core.errors import BadInput, Diverged
from kerasinst.evaluation.figures import figure, sign
from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import CompressionSection
from kerasinst.features import Features, PreparedData
from kerasinst.training import augmentations, losses
from kerasinst.training.batches import Batches
from kerasinst.training.fit import class_weights
from kerasinst.training.training_set import sampling_odds, training_set


class FineTuner:
    """Trains tf_keras models on the scores of the trained network and, if the plan says so, on the labels.

    Args:
        experiment: experiment of the trained network, whose augmentations and validation rule are used again.
        data: data that was prepared for the experiment.
        features: features of the data.
        teacher: the trained network.
        plan: section of the experiment that gives epochs, learning rate, and the weight of the teacher.
        on_epoch: is called with a row of figures after each epoch.
    """

    def __init__(
        self,
        experiment: Experiment,
        data: PreparedData,
        *,
        features: Features,
        teacher: keras.Model,
        plan: CompressionSection,
        on_epoch: Callable[[dict], None] = lambda row: None,
    ) -> None:
        training = experiment.training
        self.experiment, self.features, self.teacher, self.plan = experiment, features, teacher, plan
        self.on_epoch = on_epoch
        self.seed = training.seeds[0]
        chain = augmentations.create_all(training.augment, experiment.task)
        train = training_set(experiment.override({"training.distill": None}), data, features=features)
        self._train = chain.extend(*train, odds=sampling_odds(experiment, data))
        self._augment = chain.on_features
        self.weights = class_weights(self._train[1]) if training.class_weights else None
        # If layers were frozen to the end of the training, their batch statistics are better than those of a few
        # recordings would be.
        self.keeps_statistics = bool(training.pretrain and training.pretrain.frozen_epochs >= training.epochs)
        self.validation: tuple[np.ndarray, np.ndarray] | None = None
        if data.segments["validation"]:
            self.validation = (features.scaled("validation"), data.targets("validation", experiment.task))

    @property
    def epochs(self) -> int:
        """Number of epochs of each training."""
        return self.plan.epochs or max(4, math.ceil(self.experiment.training.epochs / 3))

    @property
    def steps(self) -> int:
        """Number of batches in an epoch."""
        return -(-len(self._train[1]) // self.experiment.training.batch_size)

    def fit(
        self,
        model: tf_keras.Model,
        callbacks: Sequence[tf_keras.callbacks.Callback] = (),
        *,
        counts_from: int = 0,
    ) -> None:
        """Trains a model, and leaves it with the weights of its best epoch by the experiment's `monitor`.

        Dropout and noise are turned off, since with them even a perfect copy of the teacher would move away from it. So
        it would with some losses, so the loss is cross-entropy if the teacher's scores are the only targets.

        Args:
            model: model from scaled features to scores.
            callbacks: callbacks of tf_keras.
            counts_from: first epoch that may be the best, counted from 0; before it, the model is not yet as small as
                it is to be.

        Raises:
            Diverged: if the loss or a weight is not a finite number any more.
        """
        keras.utils.set_random_seed(self.seed)
        training, task = self.experiment.training, self.experiment.task
        if self.keeps_statistics:
            _freeze_statistics(model)
        _silence(model)
        asked = training.loss if self.plan.distill < 1 else None
        ((name, options),) = (asked or losses.DEFAULTS[task]).items()
        loss = losses.create(name, task, **options)
        accuracy = tf_keras.metrics.CategoricalAccuracy if task == "single-label" else tf_keras.metrics.BinaryAccuracy
        rate = tf_keras.optimizers.schedules.CosineDecay(self.plan.learning_rate, self.epochs * self.steps)
        model.compile(
            tf_keras.optimizers.Adam(rate), lambda true, scores: loss.call(true, scores), [accuracy("accuracy")]
        )
        features, targets, odds = self._train
        batches = Batches(features, targets, batch_size=training.batch_size, seed=self.seed, odds=odds)
        best = _Best(
            training.monitor, partial(self.figure, training.monitor), counts_from=counts_from, on_epoch=self.on_epoch
        )
        model.fit(
            _DistillationBatches(batches, self),
            validation_data=self.validation,
            epochs=self.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[*callbacks, best],
        )
        best.restore()

    def figure(self, name: str, model: keras.Model | tf_keras.Model) -> float:
        """Computes a figure of the validation segments; see `evaluation.figures.figure`.

        Args:
            name: name of the figure, such as "val_accuracy".
            model: model from scaled features to scores.

        Raises:
            BadInput: if there is no validation split.
        """
        if self.validation is None:
            raise BadInput("compression: there is no validation split to measure the accuracy on")
        features, targets = self.validation
        scores = np.asarray(model.predict(features, verbose=0))
        return figure(name, targets, scores=scores, task=self.experiment.task)


class _DistillationBatches(tf_keras.utils.Sequence):
    """Augmented batches, with the teacher's scores mixed into their targets."""

    def __init__(self, batches: Batches, fine_tuner: FineTuner) -> None:
        self.batches, self.fine_tuner = batches, fine_tuner

    def __len__(self) -> int:
        """Gives the number of batches in an epoch."""
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        """Gives scaled features, targets and, with class weights, weights of a batch."""
        fine_tuner = self.fine_tuner
        (features, targets), *_ = self.batches[index]
        if features.ndim == 2:
            features = fine_tuner.features.frontend(features)
        if fine_tuner.features.scaling is not None:
            features = fine_tuner.features.scaling(features)
        for augment in fine_tuner._augment:
            features, targets = augment(features, targets)
        features, targets = ops.convert_to_numpy(features), ops.convert_to_numpy(targets)
        weights = () if fine_tuner.weights is None else ((targets * fine_tuner.weights).sum(axis=1),)
        share, unjudged = fine_tuner.plan.distill, np.isnan(targets)
        if share or unjudged.any():
            teacher_scores = ops.convert_to_numpy(fine_tuner.teacher(features, training=False))
            targets = (1 - share) * np.where(unjudged, teacher_scores, targets) + share * teacher_scores
        return (features, targets.astype("float32"), *weights)

    def on_epoch_end(self) -> None:
        """Shuffles for the next epoch."""
        self.batches.on_epoch_end()


def _freeze_statistics(model: tf_keras.Model) -> None:
    """Lets batch normalisations, also those within other layers, keep their statistics."""
    for layer in model.submodules:
        inner = getattr(layer, "layer", layer)
        if isinstance(inner, tf_keras.layers.BatchNormalization):
            inner.trainable = layer.trainable = False


def _silence(model: tf_keras.Model) -> None:
    """Turns off dropout and noise, also within other layers."""
    for layer in model.submodules:
        for amount in vars(layer).keys() & {"rate", "stddev", "dropout", "recurrent_dropout"}:
            setattr(layer, amount, 0.0)


class _Best(tf_keras.callbacks.Callback):
    """A callback that keeps the weights of the best epoch in memory, and reports each epoch."""

    def __init__(
        self,
        monitor: str,
        figure: Callable[[tf_keras.Model], float],
        *,
        counts_from: int,
        on_epoch: Callable[[dict], None],
    ) -> None:
        super().__init__()
        self.monitor, self.figure, self.counts_from, self.on_epoch = monitor, figure, counts_from, on_epoch
        self.score = -np.inf
        self.weights: list[np.ndarray] | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Reports an epoch, and keeps its weights if it is the best one."""
        logs, weights = logs or {}, self.model.get_weights()
        if not all(np.isfinite(each).all() for each in (logs["loss"], *weights)):
            raise Diverged(f"training diverged in epoch {epoch + 1}: lower compression.learning_rate")
        self.on_epoch({"epoch": epoch + 1, **{name: float(value) for name, value in logs.items()}})
        if self.monitor == "last" or epoch < self.counts_from:
            return
        known = np.isfinite(logs.get(self.monitor, np.nan))  # labels that nobody judged make Keras' own figures NaN
        score = sign(self.monitor) * (logs[self.monitor] if known else self.figure(self.model))
        if score > self.score:
            self.score, self.weights = score, weights

    def restore(self) -> None:
        """Restores the weights of the best epoch; the last ones stay if no epoch counts."""
        if self.weights is not None:
            self.model.set_weights(self.weights)
