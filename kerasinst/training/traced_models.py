"""Models that this process has trained, so that the next one of the same structure is not traced again.

With TensorFlow, tracing takes as long as several epochs of a small network. Weights, optimizer state and learning rates
are values that a traced step reads, so that it trains another network of the same structure as well.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np

from kerasinst.experiment.training import TrainingSection
from kerasinst.training.optimizers import adjust
from kerasinst.training.training_model import TrainingModel

Compile = Callable[[TrainingModel, bool], None]
"""Function that compiles a model; the second argument says whether its learning rate must be adjustable."""
KEPT = 4
"""Number of models that are kept."""


@dataclass(frozen=True)
class _Traced:
    """A compiled model, and the values of its optimizer before the first step."""

    model: TrainingModel
    optimizer_values: list[np.ndarray]


_models: OrderedDict[str, _Traced] = OrderedDict()
"""Models by the description of their structure; the last one was used last."""


@contextmanager
def compiled(
    model: TrainingModel, structure: str | None, *, training: TrainingSection, steps: int, compile: Compile
) -> Iterator[TrainingModel]:
    """Compiles a model, or gives one of the same structure that was compiled before the state of this one.

    Args:
        model: untrained model.
        structure: description of everything that decides what its steps compute, except for values of variables; None
            always compiles.
        training: section of the experiment that says how to train.
        steps: number of batches in an epoch.
        compile: compiles a model; it is told whether its learning rate must be adjustable.

    Yields:
        The model that is to be trained. It is kept, unless its training is interrupted.
    """
    if structure is None or not _can_be_shared(training):
        compile(model, False)
        yield model
        return
    found = _models.pop(structure, None)
    if found is None:
        compile(model, True)
        values = [keras.ops.convert_to_numpy(variable) for variable in model.optimizer.variables]
        found = _Traced(model, values)
    else:
        found.model.network.set_weights(model.network.get_weights())
        for variable, value in zip(found.model.optimizer.variables, found.optimizer_values, strict=True):
            variable.assign(value)
        adjust(found.model.optimizer, training, steps_of_an_epoch=steps)
    yield found.model
    _models[structure] = found
    while len(_models) > KEPT:
        _models.popitem(last=False)


def _can_be_shared(training: TrainingSection) -> bool:
    """Returns True if another training of the same structure differs in values of variables alone."""
    plain = not (training.pretrain or training.average or training.warmup_epochs)
    return keras.backend.backend() == "tensorflow" and plain and training.precision == "float32"
