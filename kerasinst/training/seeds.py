"""The training of an experiment's network, with one seed or with all of them."""

import gc
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras

from kerasinst.core import files, parallel
from kerasinst.core.locking import waiting_for
from kerasinst.core.progress import Progress, epoch_note, silent
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.features import Features, PreparedData, extract_features, prepare_data, prepare_data_once
from kerasinst.networks import pretrained
from kerasinst.training.checks import check_trainable
from kerasinst.training.fit import Fitted, fit
from kerasinst.training.network import create_network
from kerasinst.training.pretraining import describe_frontend, weight_loader
from kerasinst.training.result import TrainingResult, best_of, segment_scores
from kerasinst.training.training_set import sampling_odds, training_set


def fit_seed(
    experiment: Experiment,
    data: PreparedData,
    *,
    features: Features,
    seed: int,
    state: Path,
    last_epoch: int | None = None,
    structure: str | None = None,
    on_epoch: Callable[[dict], None] = lambda row: None,
    progress: Progress = silent,
) -> Fitted:
    """Trains the network of an experiment with one seed; see `fit`.

    Args:
        experiment: experiment to be trained.
        data: data that was prepared for the experiment.
        features: features of the training split, and of the validation split if there is one.
        seed: seed of weights, order, dropout and augmentation.
        state: folder for what a killed training needs to go on.
        last_epoch: number of epochs after which to stop, on the schedule of all of them; None trains all of them.
        structure: description of what a step computes, see `fit`.
        on_epoch: is called with each row of the history.
        progress: shows the making of augmented copies, and an experiment that is trained first.

    Raises:
        BadInput: if a part of the experiment cannot be made as asked.
        Diverged: if no epoch ended with a finite loss.
    """
    training, task = experiment.training, experiment.task
    validation = None
    if data.segments["validation"]:
        validation = (features.arrays["validation"], data.targets("validation", task))
    fitted = fit(
        lambda: create_network(experiment, features.frontend, n_labels=len(data.labels)),
        training,
        train=training_set(experiment, data, features=features, progress=progress),
        validation=validation,
        seed=seed,
        state=state,
        scaling=features.scaling,
        frontend=features.frontend,
        task=task,
        load=weight_loader(experiment, partial(_train_first, progress=progress)),
        odds=sampling_odds(experiment, data),
        last_epoch=last_epoch,
        structure=structure,
        on_epoch=on_epoch,
    )
    gc.collect()  # what was compiled refers to itself in cycles, and would pile up over the trials of a search
    return fitted


def fit_all_seeds(
    experiment: Experiment,
    data: PreparedData,
    *,
    state: Path,
    on_epoch: Callable[[dict], None] = lambda row: None,
    progress: Progress = silent,
) -> TrainingResult:
    """Trains with every seed, tests each once, and keeps the best by validation, or by loss without a validation split.

    Args:
        experiment: experiment to be trained.
        data: data that was prepared for the experiment.
        state: folder for what a killed training needs to go on.
        on_epoch: is called with each row of the history of each seed.
        progress: shows the other work that takes long.

    Raises:
        BadInput: if a part of the experiment cannot be made as asked.
        Diverged: if no epoch of a training ended with a finite loss.
    """
    features = extract_features(experiment, data, progress=progress)
    own = state / hashlib.sha256(experiment.to_yaml().encode()).hexdigest()[:12]  # `search` trains other experiments
    fits, tables = [], []
    seeds = experiment.training.seeds
    trained = parallel.run_all(_SeedTraining(experiment, own), seeds) if parallel.elsewhere() and seeds[1:] else seeds
    for seed, _ in zip(seeds, trained, strict=True):  # what other processes trained is only read here
        fitted = fit_seed(
            experiment,
            data,
            features=features,
            seed=seed,
            state=own / f"seed-{seed}",
            on_epoch=on_epoch,
            progress=progress,
        )
        fits.append(fitted)
        tables.append(segment_scores(fitted, data, features=features))
    return best_of(fits, tables, experiment=experiment, data=data, features=features)


@dataclass(frozen=True)
class _SeedTraining:
    """Trains with one seed in another process, and leaves the weights in the folder of its state."""

    experiment: Experiment
    state: Path

    def __call__(self, seed: int) -> None:
        data = prepare_data_once(self.experiment)
        features = extract_features(self.experiment, data, splits=SPLITS[:2])
        state = self.state / f"seed-{seed}"
        with waiting_for(state):  # what a killed training left running on a cluster
            fit_seed(self.experiment, data, features=features, seed=seed, state=state)


def _train_first(first: Experiment, progress: Progress) -> Path:
    """Trains an experiment with its first seed, unless that was done before; gives the file of its weights."""
    data = prepare_data(first, progress=progress)
    check_trainable(first, data)
    made_of = [first.to_yaml(), sorted(shard.key for shard in data.collection.decoded.shards), keras.__version__]
    folder = files.cache_folder("pretrained", hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:24])
    weights = folder / "weights.npz"
    with waiting_for(folder):  # the first of several trials trains it for all
        if weights.is_file():
            return weights
        features = extract_features(first, data, splits=SPLITS[:2], progress=progress)
        with progress(f"pretraining {first.name}", first.training.epochs) as advance:
            fitted = fit_seed(
                first,
                data,
                features=features,
                seed=first.training.seeds[0],
                state=folder,
                on_epoch=lambda row: advance(note=epoch_note(row)),
                progress=progress,
            )
        pretrained.save(fitted.network, weights, frontend=describe_frontend(first))
        for state in folder.glob("epoch-*.npz"):
            state.unlink()
    return weights
