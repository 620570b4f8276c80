"""The whole model: waveform in, scores out, with its front end, its scaling and its labels inside."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst import audio
from kerasinst.core.errors import BadInput
from kerasinst.core.registry import FRONTENDS
from kerasinst.core.timing import milliseconds
from kerasinst.features.scaling import Scaling
from kerasinst.networks.layers import statistics_pooling  # noqa: F401 (registers its layer)

for name in FRONTENDS.names():
    FRONTENDS.get(name)  # importing a layer registers it with Keras, so that saved models load


@keras.saving.register_keras_serializable("kerasinst")
class WaveformModel(keras.Model):
    """A front end, an optional scaling and a network, as one Keras model.

    What runs on a device is what was trained: the same layers, with what they learned as weights.

    Args:
        frontend: layer from waveform to picture.
        scaling: adapted `Scaling`, or None.
        network: model from picture to scores.
        labels: one for each score.
        sample_rate: of the waveform, in Hz.
        segment_samples: length of the waveform.
        hop_samples: from one segment of a recording to the next; None is their length.
        trim_db: silence at both ends of a recording, so far below its peak, is not heard; None hears all.
        quiet_db: segments whose peak is so far below the recording's are not heard; None hears all.

    Input shape: `(batch, segment_samples)`, floats in [-1, 1].
    Output shape: `(batch, len(labels))`.
    """

    def __init__(
        self,
        frontend: keras.layers.Layer,
        scaling: Scaling | None,
        *,
        network: keras.Model,
        labels: list[str],
        sample_rate: int,
        segment_samples: int,
        hop_samples: int | None = None,
        trim_db: float | None = None,
        quiet_db: float | None = None,
        name: str = "kerasinst",
        **kwargs,
    ):
        waveform = keras.Input((segment_samples,), name="waveform")
        features = frontend(waveform)
        super().__init__(waveform, network(scaling(features) if scaling else features), name=name, **kwargs)
        self.frontend = frontend
        self.scaling = scaling
        self.network = network
        self.labels = list(labels)
        self.sample_rate = sample_rate
        self.segment_samples = segment_samples
        self.hop_samples = hop_samples or segment_samples
        self.trim_db = trim_db
        self.quiet_db = quiet_db

    def starts(self, waveform: np.ndarray) -> np.ndarray:
        """First samples of the segments of a recording that the model is to hear, as it did in training."""
        return audio.starts_in(
            waveform, self.segment_samples, hop=self.hop_samples, trim_db=self.trim_db, quiet_db=self.quiet_db
        )

    @property
    def parameters(self) -> int:
        """Of the network."""
        return self.network.count_params()

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores of segments `(n, segment_samples)`, of shape `(n, labels)`."""
        return np.asarray(self.predict(segments, batch_size=32, verbose=0))

    def milliseconds(self) -> float:
        """Median time from the waveform of one segment to its scores, on this machine."""
        segment = np.random.default_rng(0).standard_normal((1, self.segment_samples)).astype("float32")
        return milliseconds(lambda: self.predict_on_batch(segment))

    @property
    def description(self) -> dict[str, Any]:
        """What a file of the model says of itself: labels, what it hears, and its parameters."""
        names = ("labels", "sample_rate", "segment_samples", "hop_samples", "trim_db", "quiet_db", "parameters")
        return {name: getattr(self, name) for name in names}

    def get_config(self) -> dict[str, Any]:
        """The parts, serialised."""
        return {
            "frontend": keras.saving.serialize_keras_object(self.frontend),
            "scaling": self.scaling and keras.saving.serialize_keras_object(self.scaling),
            "network": keras.saving.serialize_keras_object(self.network),
            "labels": list(self.labels),
            "sample_rate": self.sample_rate,
            "segment_samples": self.segment_samples,
            "hop_samples": self.hop_samples,
            "trim_db": self.trim_db,
            "quiet_db": self.quiet_db,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Rebuilds the parts and joins them."""
        parts = {
            key: config[key] and keras.saving.deserialize_keras_object(config[key], custom_objects)
            for key in ("frontend", "scaling", "network")
        }
        return cls(**{**config, **parts})


def load(path: str | Path) -> WaveformModel:
    """Loads a `model.keras` with Keras's safe mode on.

    Raises:
        BadInput: if there is no such file, or kerasinst did not write it.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: no such model; give a run directory or a .keras file that kerasinst wrote")
    try:
        model = keras.models.load_model(path, safe_mode=True, compile=False)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise BadInput(f"{path}: not a .keras model that can be loaded: {str(error).strip().splitlines()[0]}") from None
    if not isinstance(model, WaveformModel):
        raise BadInput(f"{path}: not a model of kerasinst: it does not take waveforms; give a run's model.keras")
    return model
