"""Checkpoints: each epoch is saved, the best one restored, and a killed training goes on from the last one."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from kerasinst.core import files
from kerasinst.core.errors import Diverged
from kerasinst.evaluation.figures import sign
from kerasinst.experiment.training import TrainingSection


def score_column(monitor: str) -> str:
    """Returns the column of the history that says how good a fit is, for a value of `training.monitor`."""
    return "loss" if monitor == "last" else monitor


class TrainingCheckpoint(keras.callbacks.Callback):
    """Saves the history and the weights of the last and the best epoch, stops early, and resumes from its folder.

    Args:
        state: folder for `history.csv` and `epoch-<n>.npz`.
        training: section of the experiment that gives monitor, patience and epochs.
        seed: seed of the training, which is written into each row.
        on_epoch: is called with each row of the history.
        last_epoch: number of epochs after which to stop; None is that of the section.
    """

    def __init__(
        self,
        state: Path,
        training: TrainingSection,
        *,
        seed: int,
        on_epoch: Callable[[dict], None],
        last_epoch: int | None = None,
    ) -> None:
        super().__init__()
        self.state = state
        self.training = training
        self.last_epoch = last_epoch or training.epochs
        self.seed = seed
        self.on_epoch = on_epoch
        self.rows: list[dict[str, Any]] = []
        history = state / "history.csv"
        if history.is_file():
            rows = pd.read_csv(history, float_precision="round_trip").to_dict("records")
            self.rows = [{str(name): value for name, value in row.items()} for row in rows]

    @property
    def done(self) -> int:
        """Number of epochs so far."""
        return len(self.rows)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, the loss is not a finite number any more, or patience has run out."""
        if not self.rows:
            return False
        if self.done >= self.last_epoch or not _finite(self.rows[-1]):
            return True
        patience, best = self.training.patience, self.best
        return patience is not None and best is not None and self.done - best >= patience

    @property
    def best(self) -> int | None:
        """The best epoch, counted from 1, and the first of equals; None if no epoch had a finite loss."""
        monitor = self.training.monitor
        sound = [row for row in self.rows if _finite(row) and math.isfinite(row.get(monitor, 0))]
        if not sound or monitor == "last":
            return sound[-1]["epoch"] if sound else None
        return max(sound, key=lambda row: sign(monitor) * row[monitor])["epoch"]

    def tell(self) -> None:
        """Calls `on_epoch` with the rows of the epochs that were done before."""
        for row in self.rows:
            self.on_epoch(row)

    def restore(self, model: keras.Model, optimizer: bool) -> None:
        """Loads the weights of the last epoch into a model, with or without the state of its optimizer."""
        if self.rows:
            variables = _variables(model) if optimizer else model.weights
            self._load(self.done, "last", variables)

    def restore_best(self, model: keras.Model) -> float:
        """Loads the weights of the best epoch into a model; averaged ones, if the training averages.

        Returns:
            The score of that epoch.

        Raises:
            Diverged: if no epoch had a finite loss.
        """
        if self.best is None:
            raise Diverged(
                "the loss is not a number from the first epoch on: lower the learning rate (training.learning_rate)"
            )
        self._load(self.best, "averaged" if self.training.average else "last", model.weights)
        return float(self.rows[self.best - 1][score_column(self.training.monitor)])

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts the clock, and sets the random states of dropout and augmentation by the seed and the epoch."""
        for index, state in enumerate(self.model.variables):
            if state.name == "seed_generator_state":
                state.assign(np.random.default_rng([self.seed, epoch, index]).integers(2**31, size=state.shape))
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves the weights and then the history, whose last row says that the weights are there."""
        row = {"seed": self.seed, "epoch": epoch + 1, **{key: float(value) for key, value in (logs or {}).items()}}
        self.rows.append({**row, "seconds": round(time.perf_counter() - self.began, 3)})
        last = _values(_variables(self.model))
        saved = _numbered("last", last)
        if self.training.average:
            self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
            saved |= _numbered("averaged", _values(self.model.weights))
            for variable, value in zip(self.model.weights, last, strict=False):
                variable.assign(value)
        with files.replacing(self._weights(epoch + 1)) as temporary:
            np.savez(temporary, **saved)  # type: ignore[arg-type]  # the stubs take all for the option `allow_pickle`
        with files.replacing(self.state / "history.csv") as temporary:
            pd.DataFrame(self.rows).to_csv(temporary, index=False)
        kept = {self._weights(epoch + 1), self._weights(self.best or epoch + 1)}
        for old in set(self.state.glob("epoch-*.npz")) - kept:
            old.unlink()
        self.on_epoch(self.rows[-1])
        self.model.stop_training = self.finished

    def _weights(self, epoch: int) -> Path:
        return self.state / f"epoch-{epoch}.npz"

    def _load(self, epoch: int, which: str, variables: list[keras.Variable]) -> None:
        """Loads the values of an epoch, "last" or "averaged", into variables."""
        with np.load(self._weights(epoch)) as saved:
            for index, variable in enumerate(variables):
                variable.assign(saved[f"{which}-{index}"])


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Lists all that a training changes; NumPy saves it, since HDF5 would crash the process on a full disk."""
    return model.weights + model.optimizer.variables


def _values(variables: list[keras.Variable]) -> list[np.ndarray]:
    """Copies the values of variables."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def _numbered(name: str, values: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Names arrays by their number."""
    return {f"{name}-{index}": value for index, value in enumerate(values)}


def _finite(row: dict[str, Any]) -> bool:
    """Tells whether the losses of an epoch are finite numbers."""
    return math.isfinite(row["loss"]) and math.isfinite(row.get("val_loss", 0))
