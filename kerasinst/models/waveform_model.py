"""The whole model, from waveforms to scores, which contains its front end, its scaling and its labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasinst import audio, decisions
from kerasinst.core.errors import BadInput
from kerasinst.core.registry import FRONTENDS
from kerasinst.core.timing import milliseconds
from kerasinst.decisions import Decision
from kerasinst.features.scaling import Scaling
from kerasinst.networks.layers import statistics_pooling  # noqa: F401 (registers its layer)

for name in FRONTENDS.names():
    FRONTENDS.get(name)  # importing a layer registers it with Keras, so that saved models load


@keras.saving.register_keras_serializable("kerasinst")
class WaveformModel(keras.Model):
    """A front end, an optional scaling and a network, as one Keras model.

    The layers that run on a device are the same that were trained, with their weights.

    Args:
        frontend: layer from waveforms to features.
        scaling: adapted scaling of the features, or None.
        network: model from features to scores.
        labels: labels in the order of scores.
        sample_rate: sample rate of the waveform in Hz.
        segment_samples: length of a segment in samples.
        hop_samples: distance from one segment of a recording to the next in samples; None is the length of a segment.
        trim_db: silence at both ends of a recording, more than this many dB below its peak, is left out; None keeps
            all.
        quiet_db: segments whose peak is more than this many dB below the recording's are left out; None keeps all.
        label_seconds: length in seconds of the middle of a segment, to which its scores belong; None is all of it.
        frame_seconds: length in seconds of the frames that the network scores one by one; None if it scores segments.
        decision: decision from scores to labels, or what its `get_config` gives; None reports the best score alone.
        name: name of the model.
        **kwargs: further options of `keras.Model`.

    Input shape: `(batch, segment_samples)`, floats in [-1, 1].
    Output shape: `(batch, len(labels))`, or `(batch, frames, len(labels))` if frames are scored one by one.

    Example:
        >>> load("runs/quickstart/model.keras").score(np.zeros((2, 44100))).shape
        (2, 5)
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
        label_seconds: float | None = None,
        frame_seconds: float | None = None,
        decision: Decision | Mapping[str, Any] | None = None,
        name: str = "kerasinst",
        **kwargs: Any,
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
        self.label_seconds = label_seconds
        self.frame_seconds = frame_seconds
        self.decision = decisions.from_config(decision) if isinstance(decision, Mapping) else decision

    def starts(self, waveform: np.ndarray | audio.Recording) -> np.ndarray:
        """Gives the first samples of the segments of a recording that the model hears, as in training."""
        if self.frame_seconds:
            return np.arange(0, len(waveform), self.hop_samples)
        return audio.starts_in(
            waveform, self.segment_samples, hop=self.hop_samples, trim_db=self.trim_db, quiet_db=self.quiet_db
        )

    @property
    def parameters(self) -> int:
        """Number of the network's parameters."""
        return self.network.count_params()

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores segments of shape `(segments, segment_samples)`; the scores have shape `(segments, labels)`."""
        return np.asarray(self.predict(segments, batch_size=32, verbose=0))

    def milliseconds(self) -> float:
        """Measures the median time in ms from the waveform of one segment to its scores on this machine."""
        segment = np.random.default_rng(0).standard_normal((1, self.segment_samples)).astype("float32")
        return milliseconds(lambda: self.predict_on_batch(segment))

    @property
    def description(self) -> dict[str, Any]:
        """Facts that a `.tflite` file of the model contains: labels, what it hears, and its number of parameters."""
        names = (
            "labels",
            "sample_rate",
            "segment_samples",
            "hop_samples",
            "trim_db",
            "quiet_db",
            "label_seconds",
            "frame_seconds",
            "parameters",
        )
        return {**{name: getattr(self, name) for name in names}, "decision": self._decision_config()}

    def _decision_config(self) -> dict[str, Any] | None:
        """Describes the decision."""
        return self.decision.get_config() if self.decision else None

    def get_config(self) -> dict[str, Any]:
        """Serialises the parts of the model."""
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
            "label_seconds": self.label_seconds,
            "frame_seconds": self.frame_seconds,
            "decision": self._decision_config(),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "WaveformModel":
        """Rebuilds the parts and joins them."""
        parts = {
            key: config[key] and keras.saving.deserialize_keras_object(config[key], custom_objects)
            for key in ("frontend", "scaling", "network")
        }
        return cls(**{**config, **parts})


def load(path: str | Path) -> WaveformModel:
    """Loads a `model.keras` in the safe mode of Keras.

    Args:
        path: path of a file that kerasinst wrote.

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
