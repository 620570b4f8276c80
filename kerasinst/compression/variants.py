"""Makes variants: smaller networks that are made of a trained one, as an experiment says."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tf_keras

from kerasinst.compression.channel_pruning import remove_channels
from kerasinst.compression.clustering import cluster
from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.pruning import prune, prune_until, sparsity, with_kernels
from kerasinst.compression.quantization_aware import quantization_aware_training
from kerasinst.compression.tf_keras_conversion import copy_weights, to_tf_keras
from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.locking import waiting_for
from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import USEFUL, VARIANTS, CompressionSection, PruneSection, VariantSection
from kerasinst.features import Features, PreparedData, label_balanced_order
from kerasinst.training.checks import check_buildable
from kerasinst.training.seeds import fit_seed

Curve = list[dict[str, float]]
"""Sparsities and validation accuracies, step by step."""
_Dense = tuple[keras.Model, float, Curve]
"""A network before it is quantized, the seconds that its training took, and the curve of pruning."""

OF_TRAINING = ("epochs", "learning_rate")
"""Settings of the plan that a variant may override."""


@dataclass(frozen=True)
class CompressedNetwork:
    """A smaller network.

    Attributes:
        network: model from scaled features to scores; of tf_keras if it was trained for integers.
        quantize: how the network is to be converted.
        parameters: number of parameters, including zeros.
        sparsity: share of zeros in its kernels.
        seconds: duration of the training.
        curve: sparsities and validation accuracies, if the network was pruned until its accuracy fell.
    """

    network: keras.Model | tf_keras.Model
    quantize: str
    parameters: int
    sparsity: float
    seconds: float
    curve: Curve = field(default_factory=list)


def select_variants(plan: CompressionSection, names: Sequence[str] | None) -> dict[str, VariantSection]:
    """Gives the variants of some names.

    Args:
        plan: section of the experiment that defines variants.
        names: names of the variants; None or none takes all of the plan, or the useful six if it defines none.

    Raises:
        BadInput: if there is no variant of such a name.
    """
    known = {name: VariantSection(**content) for name, content in VARIANTS.items()} | plan.variants
    for name in names or ():
        if name not in known:
            raise BadInput(f"there is no variant '{name}'; {suggest(name, known)}")
    return {name: known[name] for name in names or plan.variants or USEFUL}


class VariantBuilder:
    """Makes variants; steps that several variants share, such as pruning, are done once.

    Args:
        experiment: experiment of the trained network.
        data: data that was prepared for the experiment.
        features: features of the data.
        network: the trained network.
        fine_tuner: fine-tuner that trains smaller networks.
        source: file or run of the network, from which students learn.
        state: folder for what the training of students needs.
    """

    def __init__(
        self,
        experiment: Experiment,
        data: PreparedData,
        *,
        features: Features,
        network: keras.Model,
        fine_tuner: FineTuner,
        source: Path,
        state: Path,
    ) -> None:
        self.experiment, self.data, self.features = experiment, data, features
        self.network, self.fine_tuner, self.source, self.state = network, fine_tuner, source, state
        self._made: dict[str, _Dense] = {}

    def make(self, variant: VariantSection) -> CompressedNetwork:
        """Makes the network of a variant.

        Args:
            variant: section of the experiment that says how the variant is made.

        Raises:
            BadInput: if the network has layers of which the variant cannot be made.
        """
        plan = self.fine_tuner.plan
        own = {name: getattr(variant, name) for name in OF_TRAINING if getattr(variant, name) is not None}
        self.fine_tuner.plan = plan.model_copy(update=own)
        try:
            return self._trained(variant)
        finally:
            self.fine_tuner.plan = plan

    def _trained(self, variant: VariantSection) -> CompressedNetwork:
        """Makes the network of a variant with the settings of the fine-tuner's plan."""
        network, seconds, curve = self._dense(variant)
        clustered = variant.cluster is not None
        count, zeros = network.count_params(), sparsity(network)
        quantize: str = variant.quantize
        if variant.qat:
            began = time.perf_counter()
            network = quantization_aware_training(
                network, self.fine_tuner, sparse=variant.prune is not None, clustered=clustered
            )
            seconds, quantize = seconds + time.perf_counter() - began, "trained"
        return CompressedNetwork(network, quantize, count, round(zeros, 6), round(seconds, 3), curve)

    def _dense(self, variant: VariantSection) -> _Dense:
        """Makes the network of a variant before it is quantized."""
        steps = variant.model_dump(mode="json", include={"student", "shrink", "prune", "cluster"})
        done: _Dense = (self.network, 0.0, [])
        key = f"{self.fine_tuner.plan.model_dump(include=set(OF_TRAINING))} "
        for name in ("student", "shrink", "prune", "cluster"):
            if steps[name] is None:
                continue
            key += f"{name}: {steps[name]} "
            if key not in self._made:
                began = time.perf_counter()
                network, curve = getattr(self, f"_{name}")(done[0], getattr(variant, name))
                self._made[key] = network, done[1] + time.perf_counter() - began, curve or done[2]
            done = self._made[key]
        return done

    def _student(self, network: keras.Model, changes: dict[str, Any]) -> tuple[keras.Model, Curve]:
        """Trains another network, with the trained one as its teacher and the experiment's own training."""
        weight = self.fine_tuner.plan.distill
        distill = {"teachers": [str(self.source)], "weight": weight} if weight else None
        student = self.experiment.override({"training.distill": distill, "training.pretrain": None, **changes})
        mine, its = (each.model_dump(exclude={"network", "training"}) for each in (self.experiment, student))
        if other := [part for part in mine if mine[part] != its[part]]:
            raise BadInput(f"student: learns what the trained network learnt; leave {other[0]} out")
        check_buildable(student, self.data)
        state = self.state / hashlib.sha256(student.to_yaml().encode()).hexdigest()[:12]
        seed = student.training.seeds[0]
        with waiting_for(state):  # the first of several variants trains it for all
            fitted = fit_seed(
                student,
                self.data,
                features=self.features,
                seed=seed,
                state=state,
                on_epoch=self.fine_tuner.on_epoch,
            )
        return fitted.network, []

    def _shrink(
        self, network: keras.Model, keep: float | list[float] | Mapping[str, float]
    ) -> tuple[keras.Model, Curve]:
        """Removes whole channels, and trains the network again."""
        if isinstance(keep, list):
            names = [layer.name for layer in with_kernels(network)][:-1]  # the last one makes scores
            if len(names) != len(keep):
                raise BadInput(f"shrink: {len(keep)} shares, where {len(names)} layers ({', '.join(names)}) take one")
            keep = dict(zip(names, keep, strict=True))
        small = remove_channels(network, keep, features=self.examples(1000))
        twin = to_tf_keras(small)
        self.fine_tuner.fit(twin)
        copy_weights(twin, small)
        return small, []

    def _prune(self, network: keras.Model, plan: PruneSection) -> tuple[keras.Model, Curve]:
        """Prunes weights while the network is trained again."""
        if plan.until_drop:
            return prune_until(network, self.fine_tuner, plan=plan)
        return prune(network, self.fine_tuner, plan=plan), []

    def _cluster(self, network: keras.Model, clusters: int) -> tuple[keras.Model, Curve]:
        """Clusters weights while the network is trained again."""
        return cluster(network, self.fine_tuner, clusters=clusters), []

    def examples(self, count: int) -> np.ndarray:
        """Gives the scaled features of some training segments, in which labels take turns; the seed decides which.

        Args:
            count: number of segments.
        """
        rows = label_balanced_order(self.data.targets("train", self.experiment.task), self.fine_tuner.seed)[:count]
        return self.features.scaled("train", rows)
