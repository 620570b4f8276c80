"""Estimates how long a training will take."""

import time

import numpy as np

from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData, create_frontend
from kerasinst.training.network import create_network

STEPS = 2
"""Number of steps that are timed."""
PER_STEP = 8
"""Largest number of segments in a step that is timed."""


def seconds_of_training(experiment: Experiment, data: PreparedData) -> float:
    """Times a few steps on features that are drawn at random, and counts those of all epochs and seeds.

    Args:
        experiment: experiment that is to be trained.
        data: data that was prepared for it.

    Raises:
        BadInput: if the network cannot be made.

    Example:
        >>> round(seconds_of_training(experiment, prepare_data(experiment)))
        32
    """
    network = create_network(experiment, create_frontend(experiment), n_labels=len(data.labels))
    network.compile("adam", loss="mean_squared_error")  # which loss it is takes no time
    size = min(PER_STEP, experiment.training.batch_size)
    features = np.random.default_rng(0).standard_normal((size, *network.input_shape[1:]), dtype=np.float32)
    targets = np.zeros((size, *network.output_shape[1:]), np.float32)
    network.train_on_batch(features, targets)  # traces the network
    began = time.perf_counter()
    for _ in range(STEPS):
        network.train_on_batch(features, targets)
    seconds = (time.perf_counter() - began) / STEPS / size
    training = experiment.training
    return seconds * len(data.segments["train"]) * training.epochs * len(training.seeds) * (1 + (training.copies or 0))
