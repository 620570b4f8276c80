"""Makes a TFLite file that takes raw audio, with the front end in floats and the network as it was compressed."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kerasinst.features.scaling import Scaling
from kerasinst.tflite import conversion
from kerasinst.tflite.description import with_description
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.joining import join

FEATURES_NEAR = 2e-2
"""Largest difference of features, as `conversion.verify` takes it. Decibels of very quiet bands are less precise than
scores, which are checked after the halves are joined."""


class Packager:
    """Makes the files of a model's variants; the front end is converted once for all of them.

    Front end and network are converted separately and joined, since a front end cannot compute in integers: power spans
    more than 100 dB, of which 8 bits keep 48.

    Args:
        frontend: layer from waveforms to features.
        scaling: adapted scaling of the features, or None.
        waveforms: segments on which models are compared with their conversions, shape `(segments, segment_samples)`.
        description: facts about the model that each file contains, see `WaveformModel.description`.
        card: what the metadata of each file says, see `with_description`.

    Attributes:
        waveforms: the segments.
        features: their scaled features, shape `(segments, frames, bins, channels)`.
    """

    def __init__(
        self,
        frontend: keras.layers.Layer,
        scaling: Scaling | None,
        *,
        waveforms: np.ndarray,
        description: Mapping[str, Any],
        card: Mapping[str, str] | None = None,
    ):
        self.description, self.card = description, card
        samples = waveforms.shape[1]
        whole = feature_model(frontend, scaling, samples=samples)
        small = feature_model(compact(frontend), scaling, samples=samples)
        self.waveforms, self.features = waveforms, np.asarray(whole.predict(waveforms, verbose=0))
        self.front = conversion.convert(small, "none", check=waveforms, expected=self.features, near=FEATURES_NEAR)

    def file(
        self, network: Any, quantize: str, *, calibration: np.ndarray | None = None
    ) -> tuple[bytes, dict[str, float]]:
        """Makes the file of a network.

        Args:
            network: network from features to scores; a model of Keras, or of tf_keras if its training simulated
                integers.
            quantize: one of `conversion.QUANTIZATIONS`.
            calibration: features of the training split, shape `(segments, frames, bins, channels)`, which "int8" and
                "int4" need.

        Returns:
            The content of a `.tflite` file, and how well its scores agree with those of the network: segments (their
            number), agreement (share of segments with the same label) and largest_score_difference.

        Raises:
            ConversionFailed: if the network cannot be converted, or the scores differ afterwards.
        """
        expected = np.asarray(network.predict(self.features, verbose=0))
        half = conversion.convert(network, quantize, check=self.features, calibration=calibration, expected=expected)
        content = with_description(join(self.front, half), self.description, card=self.card)
        scores = TFLiteInterpreter(content).run(self.waveforms)
        conversion.verify(scores, expected, quantize=quantize)
        fidelity = {
            "segments": len(scores),
            "agreement": float((scores.argmax(axis=-1) == expected.argmax(axis=-1)).mean()),
            "largest_score_difference": float(np.abs(scores - expected).max()),
        }
        return content, fidelity


def feature_model(frontend: keras.layers.Layer, scaling: Scaling | None, *, samples: int) -> keras.Model:
    """Makes the part of a model from waveforms to the features that its network sees.

    Args:
        frontend: layer from waveforms to features.
        scaling: adapted scaling of the features, or None.
        samples: length of a segment in samples.
    """
    inputs = keras.Input((samples,), name="waveform")
    features = frontend(inputs)
    return keras.Model(inputs, scaling(features) if scaling else features)


def compact(frontend: keras.layers.Layer) -> keras.layers.Layer:
    """Gives the front end in its smallest form, which computes its tables.

    Args:
        frontend: layer from waveforms to features.
    """
    config = frontend.get_config()
    return type(frontend).from_config({**config, **{each: "computed" for each in ("dft", "tables") if each in config}})
