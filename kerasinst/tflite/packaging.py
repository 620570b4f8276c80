"""One TFLite file that takes raw audio: the front end in floats, and the network as it was made smaller."""

from typing import Any

import keras
import numpy as np

from kerasinst.features.scaling import Scaling
from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.tflite import conversion, flatbuffer


class Packager:
    """Makes files of one model's variants; what turns audio into pictures is converted once for all of them.

    The two halves are converted apart and joined, since integers would flatten the front end: power spans more than
    100 dB, of which 8 bits keep 48.

    Args:
        model: that was trained.
        waveforms: `(n, segment_samples)`, what everything that is converted is compared on.
        review_below: best scores under this need review.
    """

    def __init__(self, model: WaveformModel, waveforms: np.ndarray, review_below: float | None = None):
        self.model = model
        self.review_below = review_below
        pictures = hearing(model.frontend, model.scaling, model.segment_samples)
        small = hearing(compact(model.frontend), model.scaling, model.segment_samples)
        self.waveforms, self.pictures = waveforms, np.asarray(pictures.predict(waveforms, verbose=0))
        self.front = conversion.convert(small, "none", waveforms, expected=self.pictures)

    def file(
        self, network: Any, quantize: str, calibration: np.ndarray | None = None
    ) -> tuple[bytes, dict[str, float]]:
        """The file of a network, and how far it says what the network says.

        Args:
            network: from pictures to scores; a Keras model, or one of tf_keras whose training simulated integers.
            quantize: see `conversion.convert`.
            calibration: pictures of the training split, which "int8" and "int4" need.

        Raises:
            ConversionFailed: if it cannot be converted, or says something else afterwards.
        """
        said = np.asarray(network.predict(self.pictures, verbose=0))
        half = conversion.convert(network, quantize, self.pictures, calibration, said)
        content = flatbuffer.describe(flatbuffer.join(self.front, half), self._about())
        heard = TFLiteModel(content).score(self.waveforms)
        conversion.verify(heard, said, quantize)
        same = {
            "segments": len(heard),
            "agreement": float((heard.argmax(axis=1) == said.argmax(axis=1)).mean()),
            "largest_score_difference": float(np.abs(heard - said).max()),
        }
        return content, same

    def _about(self) -> dict[str, Any]:
        model = self.model
        names = ("labels", "sample_rate", "segment_samples", "hop_samples", "trim_db", "quiet_db")
        told = {name: getattr(model, name) for name in names}
        return {**told, "review_below": self.review_below, "parameters": model.network.count_params()}


def hearing(frontend: keras.layers.Layer, scaling: Scaling | None, samples: int) -> keras.Model:
    """The part of a model from waveform to what its network sees."""
    inputs = keras.Input((samples,), name="waveform")
    features = frontend(inputs)
    return keras.Model(inputs, scaling(features) if scaling else features)


def compact(frontend: keras.layers.Layer) -> keras.layers.Layer:
    """The same front end in its smallest form, which computes its tables."""
    config = frontend.get_config()
    return type(frontend).from_config({**config, "dft": "computed"}) if "dft" in config else frontend
