"""What the networks of a search cost; those of the same structure are built and converted once."""

import hashlib
import json
from pathlib import Path

import keras
import numpy as np

from kerasinst.core import console, files
from kerasinst.core.errors import ConversionFailed
from kerasinst.core.locking import waiting_for
from kerasinst.experiment import Experiment
from kerasinst.features import create_frontend
from kerasinst.networks.costs import multiply_adds, structure, without_weights
from kerasinst.tflite.conversion import in_child
from kerasinst.tflite.costs import costs
from kerasinst.tflite.packaging import Packager
from kerasinst.training.network import create_network

EXAMPLES = 8
"""Number of segments of noise on which converted networks are calibrated and checked."""

_packagers: dict[str, Packager] = {}
"""The front end that this process converted last, by its description."""


class NetworkCosts:
    """Tells what untrained networks of experiments cost.

    Args:
        n_labels: number of labels.
        folder: folder that keeps what was measured, for all processes of a search.
    """

    def __init__(self, n_labels: int, folder: Path) -> None:
        self.n_labels, self.folder = n_labels, folder
        self._of_graphs: dict[str, dict[str, float]] = {}

    def of_graph(self, experiment: Experiment) -> dict[str, float]:
        """Counts the parameters and multiply-adds of an experiment's network.

        Raises:
            BadInput: if the network cannot be built.
        """
        key = json.dumps([_frontend_facts(experiment), experiment.network.model_dump(mode="json")])
        if key not in self._of_graphs:
            with without_weights():
                network = self._network(experiment)
            self._of_graphs[key] = {"parameters": network.count_params(), "multiply_adds": multiply_adds(network)}
        return self._of_graphs[key]

    def estimated_bytes(self, experiment: Experiment) -> int:
        """Estimates the bytes of the int8 file: one for each parameter, and the front end, which is converted once.

        Raises:
            BadInput: if the network cannot be built, or the backend is not TensorFlow.
            ConversionFailed: if the front end cannot be converted.
        """
        return int(self.of_graph(experiment)["parameters"]) + len(_packager(experiment).front)

    def of_file(self, experiment: Experiment) -> dict[str, float]:
        """Converts an experiment's network to an int8 file, and measures it, unless one of its structure was measured.

        Returns:
            tflite_bytes, milliseconds and arena_bytes; nothing if the network cannot be converted.

        Raises:
            BadInput: if the network cannot be built, or the backend is not TensorFlow.
        """
        with without_weights():
            described = structure(self._network(experiment))
        key = json.dumps([_frontend_facts(experiment), described])
        place = self.folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        with waiting_for(place):  # another process may measure it just now
            known = place / "costs.json"
            if not known.is_file():
                files.write_json(known, _measured(experiment, self._network(experiment)))
            found: dict[str, float] = json.loads(known.read_text(encoding="utf-8"))
        return found

    def _network(self, experiment: Experiment) -> keras.Model:
        """Builds a network."""
        return create_network(experiment, create_frontend(experiment), n_labels=self.n_labels)


def _measured(experiment: Experiment, network: keras.Model) -> dict[str, float]:
    """Converts an untrained network to an int8 file and measures it."""
    try:
        packager = _packager(experiment)
        content, _ = packager.file(network, "int8", calibration=packager.features)
        found = in_child(costs, content)
    except ConversionFailed as error:
        console.say_once(f"{experiment.network.name}: its int8 file cannot be measured ({error})")
        return {}
    return {
        "tflite_bytes": found["bytes"],
        "milliseconds": round(found["milliseconds"], 3),
        "arena_bytes": found["peak_arena"],
    }


def _packager(experiment: Experiment) -> Packager:
    """Converts the front end of an experiment, unless it was the last one that this process converted."""
    key = json.dumps(_frontend_facts(experiment))
    if key not in _packagers:
        noise = np.random.default_rng(0).normal(0, 0.1, (EXAMPLES, experiment.audio.segment_samples))
        made = Packager(create_frontend(experiment), None, waveforms=noise.astype("float32"), description={})
        _packagers.clear()
        _packagers[key] = made
    return _packagers[key]


def _frontend_facts(experiment: Experiment) -> list[object]:
    """Describes what decides the features of a segment."""
    return [experiment.frontend.model_dump(mode="json"), experiment.audio.sample_rate, experiment.audio.segment_samples]
