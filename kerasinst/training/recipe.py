"""From an experiment and its data to a fitted network."""

import gc
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst import frontends, networks
from kerasinst.core import console, files
from kerasinst.core.errors import BadInput
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment, find
from kerasinst.features.extraction import features
from kerasinst.features.prepared_data import Data, prepare
from kerasinst.features.scaling import Scaling
from kerasinst.features.sharded_array import ShardedArray
from kerasinst.networks import pretrained
from kerasinst.training import augmentations, distillation, losses
from kerasinst.training.batches import balanced
from kerasinst.training.fit import Fitted, fit
from kerasinst.training.waveform_dataset import WaveformDataset, copies


@dataclass(frozen=True)
class Features:
    """Features of a data set by one front end, and the scaling learned from the training ones."""

    frontend: keras.layers.Layer
    scaling: Scaling | None
    features: dict[str, ShardedArray]

    def scaled(self, split: str, chunk: int = 1024) -> np.ndarray:
        """All pictures of a split as the network sees them, in memory."""
        features = self.features[split]
        parts = (features[first : first + chunk] for first in range(0, len(features), chunk))
        scale = self.scaling or (lambda part: part)
        return np.concatenate([keras.ops.convert_to_numpy(scale(part)) for part in parts])


def check(experiment: Experiment, data: Data) -> None:
    """Builds front end, network, augmentations and loss once, before any work is put into them.

    Raises:
        BadInput: if an option of one of them, or the length of a segment, is not allowed.
    """
    training, task = experiment.training, experiment.task
    network = build(experiment, create_frontend(experiment), len(data.labels))
    chain = augmentations.create_all(training.augment, task)
    if training.copies and not chain.on_waveforms:
        raise BadInput("training.copies: there is no augmentation of waveforms to make copies with; add one or drop it")
    for name, options in (training.loss or losses.DEFAULTS[task]).items():
        losses.create(name, task, **options)
    if task == "multi-label" and training.class_weights:
        raise BadInput("training.class_weights: needs task: single-label; use training.sampling: balanced")
    if training.distill:
        distillation.check(training.distill, task)
    if training.pretrain and training.pretrain.weights:
        pretrained.load(network, _weights(training.pretrain.weights), frontend=_described(experiment))
    elif training.pretrain:
        _first(experiment)


def check_trainable(experiment: Experiment, data: Data) -> None:
    """Checks what `check` does, and that the labels suit the task.

    Raises:
        BadInput: if they do not.
    """
    check(experiment, data)
    for split in SPLITS:
        data.targets(split, experiment.task)


def draw(experiment: Experiment, data: Data, splits: Sequence[str] = SPLITS) -> Features:
    """Computes the pictures of the given splits, or finds them in the cache.

    Raises:
        BadInput: if the front end's options or the length of a segment are not allowed.
    """
    frontend = create_frontend(experiment)
    pictures = {
        split: features(
            data.segments[split],
            data.collection.decoded,
            experiment.audio,
            frontend,
            f"{experiment.frontend.name} of {split}",
        )
        for split in splits
        if data.segments[split]
    }
    scaling = None
    if experiment.frontend.scaling != "none":
        scaling = Scaling(experiment.frontend.scaling)
        scaling.adapt(pictures["train"])
    return Features(frontend, scaling, pictures)


def create_frontend(experiment: Experiment) -> keras.layers.Layer:
    """The front end that an experiment asks for.

    Raises:
        BadInput: if one of its options is not allowed.
    """
    section = experiment.frontend
    options = {"sample_rate": experiment.audio.sample_rate, **section.options}
    return frontends.create(section.name, preset=section.preset, **options)


def build(experiment: Experiment, frontend: keras.layers.Layer, n_labels: int) -> keras.Model:
    """The untrained network of an experiment, with independent scores if its task is multi-label."""
    name, options = experiment.network.name, experiment.network.options
    shape = frontends.features_shape(frontend, experiment.audio.segment_samples)
    if experiment.task == "multi-label":
        options = {"activation": "sigmoid", **options}
    return networks.create(name, shape, n_labels, **options)


def fit_once(
    experiment: Experiment, data: Data, pictures: Features, seed: int, state: Path, on_epoch: Callable[[dict], None]
) -> Fitted:
    """Trains the network of an experiment with one seed; see `fit`."""
    training, task = experiment.training, experiment.task
    fitted = fit(
        lambda: build(experiment, pictures.frontend, len(data.labels)),
        pictures.scaling,
        training,
        training_set(experiment, data, pictures),
        (pictures.features["validation"], data.targets("validation", task)) if data.segments["validation"] else None,
        seed,
        state,
        on_epoch,
        task,
        pictures.frontend,
        _loader(experiment),
        sampling_odds(experiment, data),
    )
    gc.collect()  # what was compiled for the training lies in circles, of which Python alone would keep many trials'
    return fitted


def sampling_odds(experiment: Experiment, data: Data) -> np.ndarray | None:
    """How likely each training segment is drawn, if not all equally."""
    if experiment.training.sampling == "natural":
        return None
    return balanced(data.targets("train", experiment.task), [each.clip.name for each in data.segments["train"]])


def training_set(experiment: Experiment, data: Data, pictures: Features) -> tuple:
    """Features, or waveforms that are augmented anew in each epoch, and targets, softened by teachers if asked."""
    training, features = experiment.training, pictures.features["train"]
    chain = augmentations.create_all(training.augment, experiment.task).on_waveforms
    waveforms = WaveformDataset(
        data.segments["train"],
        data.targets("train", experiment.task),
        data.collection.decoded,
        experiment.audio,
        chain,
    )
    if training.distill:
        waveforms.targets = distillation.soften(waveforms, features, data.labels, training.distill, experiment.task)
    if not chain:
        return features, waveforms.targets
    if not training.copies:
        return waveforms, waveforms.targets
    more, their_targets = copies(waveforms, training.copies, pictures.frontend)
    return features.followed_by(more), np.concatenate([waveforms.targets, their_targets])


def _loader(experiment: Experiment) -> Callable[[keras.Model], list[str]]:
    """What loads the weights that an experiment begins with into its network, and names the layers that got some."""
    section = experiment.training.pretrain
    if section is None:
        return lambda network: []
    source = _weights(section.weights) if section.weights else _pretrain(_first(experiment))
    return lambda network: pretrained.load(network, source, frontend=_described(experiment))


def _described(experiment: Experiment) -> dict[str, Any]:
    """What decides the features of an experiment."""
    return pretrained.describe(create_frontend(experiment), experiment.frontend.scaling)


def _weights(name: str) -> str | Path:
    """A file or folder of that name, or the name itself, which may be a preset's."""
    path = find(name)
    return path if path.exists() else name


def _first(experiment: Experiment) -> Experiment:
    """The experiment that is trained first; it must hear the same pictures.

    Raises:
        BadInput: if it does not, or cannot be read.
    """
    path = find(experiment.training.pretrain.experiment)
    first = Experiment.from_yaml(path)
    for mine, its, what in (
        (experiment.frontend.name, first.frontend.name, "frontend.name"),
        (experiment.frontend.preset, first.frontend.preset, "frontend.preset"),
        (experiment.frontend.options, first.frontend.options, "the options of frontend"),
        (experiment.frontend.scaling, first.frontend.scaling, "frontend.scaling"),
        (experiment.audio.sample_rate, first.audio.sample_rate, "audio.sample_rate"),
    ):
        if mine != its:
            raise BadInput(f"training.pretrain: {what} is {its} in {path} and {mine} here; make them the same")
    return first


def _pretrain(first: Experiment) -> Path:
    """Trains an experiment with its first seed, once, and gives the file of its network's weights."""
    data = prepare(first)
    check_trainable(first, data)
    told = [first.to_yaml(), sorted(shard.key for shard in data.collection.decoded.shards), keras.__version__]
    folder = files.cache_folder("pretrained", hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24])
    weights = folder / "weights.npz"
    if not weights.is_file():
        with console.epochs(f"pretraining {first.name}", first.training.epochs) as on_epoch:
            fitted = fit_once(first, data, draw(first, data, SPLITS[:2]), first.training.seeds[0], folder, on_epoch)
        pretrained.save(fitted.network, weights, frontend=_described(first))
        for state in folder.glob("epoch-*.npz"):
            state.unlink()
    return weights
