"""The fit: best epoch kept, early stop, every epoch saved so that a killed training goes on where it stood."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from kerasinst import files
from kerasinst.errors import Diverged
from kerasinst.experiment import TrainingSection
from kerasinst.training import augmentations
from kerasinst.training.compiling import worth_compiling
from kerasinst.training.learner import Batches, Learner


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
    validation: tuple[np.ndarray, np.ndarray],
    seed: int,
    state: Path,
    on_epoch: Callable[[dict], None] = lambda row: None,
) -> Fitted:
    """Trains a network with Adam on categorical cross-entropy.

    Args:
        build: makes the untrained network; it is called after the seeds are set.
        scaling: adapted layer that scales features, or None.
        training: epochs, batch size, learning rate, augmentation, class weights, what to monitor, patience.
        train: features `(n, frames, bins, channels)` and one-hot targets `(n, labels)`.
        validation: the same of the validation split.
        seed: the same seed gives the same network on the same machine.
        state: folder for the weights of the last and the best epoch; if it holds some, training goes on from there.
        on_epoch: is given each row of the history.

    Raises:
        Diverged: if no epoch ended with a finite loss.
    """
    keras.utils.set_random_seed(seed)
    steps = augmentations.create_all(training.augment)
    for augmentation in steps:
        if hasattr(augmentation, "extend"):
            train = augmentation.extend(*train)
    learner = Learner(
        build(),
        scaling,
        [augmentation for augmentation in steps if not hasattr(augmentation, "extend")],
        class_weights(train[1]) if training.class_weights else None,
    )
    learner.compile(
        keras.optimizers.Adam(training.learning_rate),
        keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
        jit_compile=worth_compiling(),
    )
    learner.build([(None, *train[0].shape[1:]), (None, train[1].shape[1])])
    learner.optimizer.build(learner.trainable_variables)
    keeper = Keeper(state, training, seed, on_epoch)
    done = keeper.restore(learner)
    if not keeper.finished:
        learner.fit(
            Batches(*train, training.batch_size, seed=seed, epoch=done),
            validation_data=Batches(*validation, training.batch_size),
            epochs=training.epochs,
            initial_epoch=done,
            shuffle=False,
            verbose=0,
            callbacks=[keeper],
        )
    score = keeper.restore_best(learner)
    history = pd.DataFrame(keeper.rows)
    return Fitted(learner.network, history, score, float(history.seconds.sum()), seed)


def class_weights(targets: np.ndarray) -> np.ndarray:
    """Weights inversely proportional to label frequencies, with mean 1 over the training set.

    Equals `sklearn.utils.class_weight.compute_class_weight("balanced", ...)`.
    """
    counts = targets.sum(axis=0)
    return (len(targets) / (len(counts) * np.maximum(counts, 1e-9))).astype("float32")


class Keeper(keras.callbacks.Callback):
    """Writes the history and the weights of the last and the best epoch, stops early, and resumes from its folder.

    Args:
        state: folder for `history.csv` and `epoch-<n>.npz`.
        training: monitor, patience and epochs.
        seed: written into each row.
        on_epoch: is given each row.
    """

    def __init__(self, state: Path, training: TrainingSection, seed: int, on_epoch: Callable[[dict], None]):
        super().__init__()
        self.state = state
        self.training = training
        self.seed = seed
        self.on_epoch = on_epoch
        self.rows: list[dict] = []
        history = state / "history.csv"
        if history.is_file():
            self.rows = pd.read_csv(history, float_precision="round_trip").to_dict("records")

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, the loss is no number any more, or patience has run out."""
        if not self.rows:
            return False
        if len(self.rows) >= self.training.epochs or not _finite(self.rows[-1]):
            return True
        return self.training.patience is not None and len(self.rows) - self.best >= self.training.patience

    @property
    def best(self) -> int | None:
        """The best epoch, counted from 1; the first of equals; None if no epoch had a finite loss."""
        sign = -1 if self.training.monitor == "val_loss" else 1
        sound = [row for row in self.rows if _finite(row)]
        return max(sound, key=lambda row: sign * row[self.training.monitor])["epoch"] if sound else None

    def restore(self, learner: keras.Model) -> int:
        """Loads the last epoch's weights and optimizer; gives the number of epochs done."""
        if self.rows and not self.finished:
            self._load(learner, len(self.rows))
        for row in self.rows:
            self.on_epoch(row)
        return len(self.rows)

    def restore_best(self, learner: keras.Model) -> float:
        """Loads the best epoch's weights; gives its score."""
        if self.best is None:
            raise Diverged(
                "the loss is not a number from the first epoch on: lower the learning rate (training.learning_rate)"
            )
        self._load(learner, self.best)
        return float(self.rows[self.best - 1][self.training.monitor])

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock, and the random states of dropout and augmentation, which the seed and the epoch decide."""
        for index, state in enumerate(self.model.variables):
            if state.name == "seed_generator_state":
                state.assign(np.random.default_rng([self.seed, epoch, index]).integers(2**31, size=state.shape))
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Saves the weights first and the history, which names the epoch, last."""
        row = {"seed": self.seed, "epoch": epoch + 1, **{key: float(value) for key, value in logs.items()}}
        self.rows.append({**row, "seconds": round(time.perf_counter() - self.began, 3)})
        with files.replacing(self._weights(epoch + 1)) as temporary:
            np.savez(temporary, *map(keras.ops.convert_to_numpy, _variables(self.model)))
        with files.replacing(self.state / "history.csv") as temporary:
            pd.DataFrame(self.rows).to_csv(temporary, index=False)
        kept = {self._weights(epoch + 1), self._weights(self.best or epoch + 1)}
        for old in set(self.state.glob("epoch-*.npz")) - kept:
            old.unlink()
        self.on_epoch(self.rows[-1])
        self.model.stop_training = self.finished

    def _weights(self, epoch: int) -> Path:
        return self.state / f"epoch-{epoch}.npz"

    def _load(self, learner: keras.Model, epoch: int) -> None:
        with np.load(self._weights(epoch)) as saved:
            for variable, value in zip(_variables(learner), saved.values(), strict=True):
                variable.assign(value)


def _variables(learner: keras.Model) -> list:
    """All that a training changes; kept as NumPy arrays, since HDF5 crashes the process on a full disk."""
    return learner.weights + learner.optimizer.variables


def _finite(row: dict) -> bool:
    return math.isfinite(row["loss"]) and math.isfinite(row["val_loss"])
