"""The network that an experiment asks for."""

import keras

from kerasinst import frontends, networks
from kerasinst.experiment import Experiment


def create_network(experiment: Experiment, frontend: keras.layers.Layer, *, n_labels: int) -> keras.Model:
    """The untrained network of an experiment, with independent scores if its task is multi-label.

    Args:
        experiment: names the network and its options.
        frontend: whose features the network takes.
        n_labels: scores that it gives.

    Raises:
        BadInput: if an option of the network, or the length of a segment, is not allowed.
    """
    name, options = experiment.network.name, experiment.network.options
    shape = frontends.features_shape(frontend, experiment.audio.segment_samples)
    if experiment.task == "multi-label":
        options = {"activation": "sigmoid", **options}
    return networks.create(name, shape, n_labels=n_labels, **options)
