"""One TFLite file that takes raw audio: the front end in floats, and the network as it was made smaller."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kerasinst.features.scaling import Scaling
from kerasinst.tflite import conversion
from kerasinst.tflite.description import with_description
from kerasinst.tflite.interpreter import TFLiteInterpreter
from kerasinst.tflite.joining import join


class Packager:
    """Makes files of one model's variants; what turns audio into features is converted once for all of them.

    The two halves are converted apart and joined, since integers would flatten the front end: power spans more than
    100 dB, of which 8 bits keep 48.

    Args:
        frontend: layer from waveform to features.
        scaling: adapted `Scaling`, or None.
        waveforms: `(n, segment_samples)`, what everything that is converted is compared on.
        description: what each file is to say of itself, see `WaveformModel.description`.
    """

    def __init__(
        self,
        frontend: keras.layers.Layer,
        scaling: Scaling | None,
        *,
        waveforms: np.ndarray,
        description: Mapping[str, Any],
    ):
        self.description = description
        samples = waveforms.shape[1]
        whole = feature_model(frontend, scaling, samples=samples)
        small = feature_model(compact(frontend), scaling, samples=samples)
        self.waveforms, self.features = waveforms, np.asarray(whole.predict(waveforms, verbose=0))
        self.front = conversion.convert(small, "none", check=waveforms, expected=self.features)

    def file(
        self, network: Any, quantize: str, *, calibration: np.ndarray | None = None
    ) -> tuple[bytes, dict[str, float]]:
        """The file of a network, and how far it says what the network says.

        Args:
            network: from features to scores; a Keras model, or one of tf_keras whose training simulated integers.
            quantize: see `conversion.convert`.
            calibration: features of the training split, which "int8" and "int4" need.

        Raises:
            ConversionFailed: if it cannot be converted, or says something else afterwards.
        """
        said = np.asarray(network.predict(self.features, verbose=0))
        half = conversion.convert(network, quantize, check=self.features, calibration=calibration, expected=said)
        content = with_description(join(self.front, half), self.description)
        heard = TFLiteInterpreter(content).run(self.waveforms)
        conversion.verify(heard, said, quantize=quantize)
        same = {
            "segments": len(heard),
            "agreement": float((heard.argmax(axis=1) == said.argmax(axis=1)).mean()),
            "largest_score_difference": float(np.abs(heard - said).max()),
        }
        return content, same


def feature_model(frontend: keras.layers.Layer, scaling: Scaling | None, *, samples: int) -> keras.Model:
    """The part of a model from waveform to what its network sees."""
    inputs = keras.Input((samples,), name="waveform")
    features = frontend(inputs)
    return keras.Model(inputs, scaling(features) if scaling else features)


def compact(frontend: keras.layers.Layer) -> keras.layers.Layer:
    """The same front end in its smallest form, which computes its tables."""
    config = frontend.get_config()
    return type(frontend).from_config({**config, "dft": "computed"}) if "dft" in config else frontend
