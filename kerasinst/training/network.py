"""The network that an experiment asks for."""

import keras

from kerasinst import frontends, networks
from kerasinst.experiment import Experiment
from kerasinst.frontends.dsp.frontend import FrontEnd


def create_network(experiment: Experiment, frontend: FrontEnd, *, n_labels: int) -> keras.Model:
    """Builds the untrained network of an experiment, with independent scores if its task is multi-label.

    Args:
        experiment: experiment that names the network and its options.
        frontend: front end whose features the network takes.
        n_labels: number of labels.

    Raises:
        BadInput: if an option of the network, or the length of a segment, is not allowed.
    """
    name, options = experiment.network.name, experiment.network.options
    shape = frontends.features_shape(frontend, experiment.audio.segment_samples)
    if experiment.task == "multi-label":
        options = {"activation": "sigmoid", **options}
    return networks.create(name, shape, n_labels=n_labels, n_frames=experiment.audio.n_frames, **options)
