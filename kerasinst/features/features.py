"""Computes the features of a data set with the front end of an experiment."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from kerasinst import frontends
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.features.extraction import extract
from kerasinst.features.prepared_data import PreparedData
from kerasinst.features.scaling import Scaling
from kerasinst.features.sharded_array import ShardedArray
from kerasinst.frontends.dsp.frontend import FrontEnd


@dataclass(frozen=True)
class Features:
    """The features of a data set, computed by one front end.

    Attributes:
        frontend: layer from waveforms to features.
        scaling: scaling that was learned from the training split, or None.
        arrays: unscaled features of each split that has segments, by the split's name, shape
            `(segments, frames, bins, channels)`.
    """

    frontend: FrontEnd
    scaling: Scaling | None
    arrays: dict[str, ShardedArray]

    def scaled(self, split: str, rows: np.ndarray | None = None, *, chunk: int = 1024) -> np.ndarray:
        """Loads features of a split and scales them, as the network expects them.

        Args:
            split: name of the split.
            rows: numbers of the segments; None is all of them.
            chunk: number of segments that are scaled at once.

        Returns:
            Features of shape `(segments, frames, bins, channels)`, in memory.
        """
        features = self.arrays[split] if rows is None else np.asarray(self.arrays[split][rows])
        parts = (features[first : first + chunk] for first in range(0, len(features), chunk))
        scale = self.scaling or (lambda part: part)
        return np.concatenate([keras.ops.convert_to_numpy(scale(part)) for part in parts])


def extract_features(
    experiment: Experiment, data: PreparedData, *, splits: Sequence[str] = SPLITS, progress: Progress = silent
) -> Features:
    """Computes the features of the given splits, or finds them in the cache.

    Args:
        experiment: experiment that names the front end and the scaling.
        data: data that was prepared for the experiment.
        splits: names of the splits, of "train", "validation" and "test".
        progress: shows how many segments are done.

    Raises:
        BadInput: if the front end's options or the length of a segment are not allowed.
    """
    frontend = create_frontend(experiment)
    features = {
        split: extract(
            data.segments[split],
            data.collection.decoded,
            cut=experiment.audio,
            frontend=frontend,
            description=f"{experiment.frontend.name} of {split}",
            progress=progress,
        )
        for split in splits
        if data.segments[split]
    }
    scaling = None
    if experiment.frontend.scaling != "none":
        scaling = Scaling(experiment.frontend.scaling)
        scaling.adapt(features["train"])
    return Features(frontend, scaling, features)


def create_frontend(experiment: Experiment) -> FrontEnd:
    """Makes the front end that an experiment asks for.

    Args:
        experiment: experiment that names the front end, its preset and its options.

    Raises:
        BadInput: if one of its options is not allowed.
    """
    section = experiment.frontend
    options = {"sample_rate": experiment.audio.sample_rate, **section.options}
    return frontends.create(section.name, preset=section.preset, **options)
