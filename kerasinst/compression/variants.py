"""From a trained network and what an experiment says of a variant to the smaller network."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst.compression.bridge import copy_weights, to_tf_keras
from kerasinst.compression.channel_pruning import remove_channels
from kerasinst.compression.clustering import cluster
from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.pruning import prune, prune_until, sparsity, with_kernels
from kerasinst.compression.quantization_aware import quantization_aware_training
from kerasinst.core.errors import BadInput, suggest
from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import USEFUL, VARIANTS, CompressionSection, VariantSection
from kerasinst.features import Features, PreparedData, label_balanced_order
from kerasinst.training.checks import check
from kerasinst.training.seeds import fit_seed

OF_TRAINING = ("epochs", "learning_rate")
"""What a variant may have of its own in place of the plan's."""


@dataclass(frozen=True)
class Small:
    """A smaller network.

    Attributes:
        network: from pictures to scores; of tf_keras, where its training quantizable_layers integers.
        quantize: how it is to be converted.
        parameters: of the network, zeros among them.
        sparsity: share of zeros among its kernels.
        seconds: that training it again took.
        curve: sparsities and validation accuracies, where pruning went on until it broke.
    """

    network: Any
    quantize: str
    parameters: int
    sparsity: float
    seconds: float
    curve: list[dict[str, float]] = field(default_factory=list)


def named(plan: CompressionSection, names: Sequence[str] | None) -> dict[str, VariantSection]:
    """The variants of those names; without names those of the plan, or the useful six if it has none.

    Raises:
        BadInput: if there is no such variant.
    """
    known = {name: VariantSection(**content) for name, content in VARIANTS.items()} | plan.variants
    for name in names or ():
        if name not in known:
            raise BadInput(f"there is no variant '{name}'; {suggest(name, known)}")
    return {name: known[name] for name in names or plan.variants or USEFUL}


class VariantBuilder:
    """Makes variants; what several have in common, such as the pruned network, is trained once.

    Args:
        experiment: of the trained network.
        data: prepared as for its training.
        features: of its data.
        network: trained.
        fine_tuner: that train again.
        source: of the network: its run, which teaches students.
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
    ):
        self.experiment, self.data, self.features = experiment, data, features
        self.network, self.fine_tuner, self.source, self.state = network, fine_tuner, source, state
        self._made: dict[str, tuple] = {}

    def make(self, variant: VariantSection) -> Small:
        """The network of a variant.

        Raises:
            BadInput: if the network has layers that the variant cannot be made of.
        """
        plan = self.fine_tuner.plan
        own = {name: getattr(variant, name) for name in OF_TRAINING if getattr(variant, name) is not None}
        self.fine_tuner.plan = plan.model_copy(update=own)
        try:
            return self._trained(variant)
        finally:
            self.fine_tuner.plan = plan

    def _trained(self, variant: VariantSection) -> Small:
        network, seconds, curve = self._dense(variant)
        clustered = variant.cluster is not None
        count, zeros = network.count_params(), sparsity(network)
        quantize = variant.quantize
        if variant.qat:
            began = time.perf_counter()
            network = quantization_aware_training(
                network, self.fine_tuner, sparse=variant.prune is not None, clustered=clustered
            )
            seconds, quantize = seconds + time.perf_counter() - began, "trained"
        return Small(network, quantize, count, round(zeros, 6), round(seconds, 3), curve)

    def _dense(self, variant: VariantSection) -> tuple[keras.Model, float, list]:
        """The network before its numbers are made coarser, the seconds that took, and the curve of pruning."""
        steps = variant.model_dump(mode="json", include={"student", "shrink", "prune", "cluster"})
        done: tuple[keras.Model, float, list] = (self.network, 0.0, [])
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

    def _student(self, network: keras.Model, changes: dict[str, Any]) -> tuple[keras.Model, list]:
        """Another network that learns from the run's, with the run's own training."""
        weight = self.fine_tuner.plan.distill
        distill = {"teachers": [str(self.source)], "weight": weight} if weight else None
        student = self.experiment.override({"training.distill": distill, "training.pretrain": None, **changes})
        mine, its = (each.model_dump(exclude={"network", "training"}) for each in (self.experiment, student))
        if other := [part for part in mine if mine[part] != its[part]]:
            raise BadInput(f"student: learns what the trained network learnt; leave {other[0]} out")
        check(student, self.data)
        state = self.state / hashlib.sha256(student.to_yaml().encode()).hexdigest()[:12]
        seed = student.training.seeds[0]
        fitted = fit_seed(
            student,
            self.data,
            features=self.features,
            seed=seed,
            state=state,
            on_epoch=self.fine_tuner.on_epoch,
        )
        return fitted.network, []

    def _shrink(self, network: keras.Model, keep) -> tuple[keras.Model, list]:
        """Whole channels are taken away, and the rest is trained again."""
        if isinstance(keep, list):
            names = [layer.name for layer in with_kernels(network)][:-1]  # the last one makes scores
            if len(names) != len(keep):
                raise BadInput(f"shrink: {len(keep)} shares, where {len(names)} layers ({', '.join(names)}) take one")
            keep = dict(zip(names, keep, strict=True))
        small = remove_channels(network, keep, pictures=self.examples(1000))
        twin = to_tf_keras(small)
        self.fine_tuner.fit(twin)
        copy_weights(twin, small)
        return small, []

    def _prune(self, network: keras.Model, plan) -> tuple[keras.Model, list]:
        if plan.until_drop:
            return prune_until(network, self.fine_tuner, plan=plan)
        return prune(network, self.fine_tuner, plan=plan), []

    def _cluster(self, network: keras.Model, clusters: int) -> tuple[keras.Model, list]:
        return cluster(network, self.fine_tuner, clusters=clusters), []

    def examples(self, count: int) -> np.ndarray:
        """Scaled pictures of so many training segments, the same ones for the same seed, labels in turns."""
        rows = label_balanced_order(self.data.targets("train", self.experiment.task), self.fine_tuner.seed)[:count]
        features = np.asarray(self.features.arrays["train"][rows])
        return keras.ops.convert_to_numpy(self.features.scaling(features)) if self.features.scaling else features
