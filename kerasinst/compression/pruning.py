"""Magnitude pruning: the smallest weights become zero, and the others learn to do without them."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow_model_optimization as tfmot
import tf_keras

from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.tf_keras_conversion import copy_weights, to_tf_keras
from kerasinst.core.errors import BadInput, Failed, suggest
from kerasinst.experiment.compression import PruneSection

UPDATES = 20
"""Number of times that masks are chosen anew, at most."""
RISING = 0.6
"""Share of the steps in which sparsity rises; after them, masks stay."""
LADDER = (0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
"""Sparsities that are tried one after the other until the accuracy falls."""


def prune(network: keras.Model, fine_tuner: FineTuner, *, plan: PruneSection) -> keras.Model:
    """Makes a network with the same layers, in which a share of each kernel is zero.

    Args:
        network: trained network; it is not changed.
        fine_tuner: fine-tuner that trains the network while weights become zero, and afterwards.
        plan: section of the experiment that says how many weights become zero, when, and where.

    Raises:
        BadInput: if the plan names a layer that does not exist, or no layer can be pruned.
        Failed: if the sparsity was not reached.

    Source: Zhu and Gupta, To prune, or not to prune (2017), for the polynomial schedule; Lee et al., Layer-adaptive
        sparsity for the magnitude-based pruning (ICLR 2021), for what each layer loses.
    """
    shares = _shares(network, plan)
    steps = fine_tuner.steps * fine_tuner.epochs
    rises = max(1, round(RISING * steps)) if plan.schedule == "polynomial" else 1

    def wrapped(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        if not shares.get(layer.name):
            return layer
        schedule = _schedule(plan, shares[layer.name], rises)
        return tfmot.sparsity.keras.prune_low_magnitude(layer, schedule, **_pattern(plan, layer))

    model = tf_keras.models.clone_model(to_tf_keras(network), clone_function=wrapped)
    fine_tuner.fit(model, [tfmot.sparsity.keras.UpdatePruningStep()], counts_from=-(-rises // fine_tuner.steps))
    pruned = keras.models.clone_model(network)
    copy_weights(tfmot.sparsity.keras.strip_pruning(model), pruned)
    for name, share in shares.items():
        kernel = kernel_of(pruned.get_layer(name))
        if (kernel == 0).sum() < share * kernel.size - max(1, 0.01 * kernel.size, (plan.block or 0) / 2):
            raise Failed(f"layer {name}: {(kernel == 0).mean():.1%} of its weights are zero, not {share:.1%}")
    return pruned


def prune_until(
    network: keras.Model, fine_tuner: FineTuner, *, plan: PruneSection
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Raises the sparsity step by step until validation accuracy falls by `plan.until_drop`.

    Each step starts from the network of the one before, as in the ee5180 study.

    Args:
        network: trained network; it is not changed.
        fine_tuner: fine-tuner that trains the network.
        plan: section of the experiment that says how to prune, and when to stop.

    Returns:
        The last network before the accuracy fell, and the curve of sparsities and accuracies.

    Raises:
        BadInput: if there is no validation split.
    """
    if plan.until_drop is None:
        raise ValueError("plan.until_drop: it is not set")
    if fine_tuner.validation is None:
        raise BadInput("prune.until_drop: there is no validation split to see the network break on; give a sparsity")
    whole = fine_tuner.figure("val_accuracy", network)
    curve, kept = [{"sparsity": 0.0, "validation_accuracy": round(whole, 6)}], network
    for sparsity in LADDER:
        step = plan.model_copy(update={"sparsity": sparsity, "schedule": "constant", "until_drop": None})
        pruned = prune(kept, fine_tuner, plan=step)
        accuracy = fine_tuner.figure("val_accuracy", pruned)
        curve.append({"sparsity": sparsity, "validation_accuracy": round(accuracy, 6)})
        if accuracy < whole - plan.until_drop:
            break
        kept = pruned
    return kept, curve


def sparsity(network: keras.Model) -> float:
    """Computes the share of zeros among the weights of the kernels that can be pruned."""
    kernels = [kernel_of(layer) for layer in with_kernels(network)]
    return float(sum((kernel == 0).sum() for kernel in kernels) / max(1, sum(kernel.size for kernel in kernels)))


def with_kernels(network: keras.Model) -> list[keras.layers.Layer]:
    """Lists the layers that pruning and clustering change: convolutions and dense layers.

    Depthwise convolutions are left out since they have few weights, and recurrent layers since theirs are in cells.
    """
    return [layer for layer in network.layers if type(layer).__name__ in ("Conv1D", "Conv2D", "Dense")]


def kernel_of(layer: keras.layers.Layer) -> np.ndarray:
    """Gives the kernel of a layer: its weights without biases."""
    return keras.ops.convert_to_numpy(layer.kernel)


def _shares(network: keras.Model, plan: PruneSection) -> Mapping[str, float]:
    """Gives the share of its weights that each layer loses, by name."""
    kernels = {layer.name: kernel_of(layer) for layer in with_kernels(network)}
    unknown = sorted(set(plan.per_layer) - set(kernels))
    if unknown:
        raise BadInput(f"prune.per_layer: no '{unknown[0]}' can be pruned; {suggest(unknown[0], kernels)}")
    if not kernels:
        raise BadInput(f"prune: network '{network.name}' has no convolution and no dense layer")
    if plan.pattern:
        channels = {name: kernel.shape[-2] for name, kernel in kernels.items()}
        return {name: (count // 4 * 2 + max(0, count % 4 - 2)) / count for name, count in channels.items()}
    free = {name: kernel for name, kernel in kernels.items() if name not in plan.per_layer}
    if not free and plan.until_drop:
        raise BadInput("prune.until_drop: per_layer names all layers, so that no sparsity can rise; name fewer")
    return {**plan.per_layer, **shares_of(free, plan.sparsity)}


def shares_of(kernels: Mapping[str, np.ndarray], sparsity: float) -> dict[str, float]:
    """Computes the share of weights that each layer loses, so that together they lose the share `sparsity`.

    Weights with the smallest scores go first. The score of a weight is its square, divided by the sum of the squares in
    its layer that are not smaller. So small layers keep more than large ones, and none loses all.

    Args:
        kernels: kernels by the layers' names.
        sparsity: share of all weights that become zero.

    Example:
        >>> shares_of({"small": np.ones(2), "large": np.ones(30)}, 0.5)
        {'small': 0.0, 'large': 0.5333333333333333}

    Source: Lee et al., Layer-adaptive sparsity for the magnitude-based pruning (ICLR 2021).
    """
    scores = {}
    for name, kernel in kernels.items():
        squares = np.sort(np.square(kernel.ravel().astype("float64")))
        scores[name] = squares / np.maximum(np.cumsum(squares[::-1])[::-1], 1e-300)
    if not scores:
        return {}
    every = np.sort(np.concatenate(list(scores.values())))
    least = every[min(round(sparsity * len(every)), len(every) - 1)]
    lost = {name: max(np.searchsorted(each, least), np.count_nonzero(each == 0)) for name, each in scores.items()}
    return {name: float(count) / len(scores[name]) for name, count in lost.items()}


def _pattern(plan: PruneSection, layer: tf_keras.layers.Layer) -> dict[str, tuple[int, int]]:
    """Gives the pattern in which a layer loses weights: two of four, blocks in dense layers with room, or any."""
    if plan.pattern:
        return {"sparsity_m_by_n": (2, 4)}
    shape, block = layer.kernel.shape, plan.block
    if block and len(shape) == 2 and shape[1] > 1 and shape[0] % block == 0 < shape[0] - block:
        return {"block_size": (block, 1)}
    return {}


def _schedule(plan: PruneSection, share: float, rises: int) -> tfmot.sparsity.keras.PruningSchedule:
    """Makes the schedule of the sparsity, which updates masks often enough in short runs, too."""
    if plan.schedule == "constant":
        return tfmot.sparsity.keras.ConstantSparsity(share, begin_step=0, frequency=1)
    frequency = max(1, rises // UPDATES)
    end = frequency * (rises // frequency)  # the last update is the one at the end
    start = share * plan.initial_sparsity / plan.sparsity
    return tfmot.sparsity.keras.PolynomialDecay(start, share, begin_step=0, end_step=end, frequency=frequency)
