"""Weights of four bits."""

import keras
import numpy as np
import pytest
from ai_edge_litert.schema_py_generated import TensorType

from kerasinst.core.errors import BadInput
from kerasinst.tflite import conversion, flatbuffer
from kerasinst.tflite.costs import nonzero_weights

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")


def test_large_kernels_take_half_a_byte_a_weight_and_small_ones_a_byte():
    keras.utils.set_random_seed(1)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu"),  # 72 weights
            layers.Conv2D(24, 3, activation="relu"),  # 1,728
            layers.GlobalAveragePooling2D(),
            layers.Dense(64, activation="relu"),  # 1,536
            layers.Dense(20, activation="softmax"),  # 1,280, but scores
        ]
    )
    given = np.random.default_rng(0).standard_normal((60, 8, 8, 1)).astype("float32")
    content = conversion.convert(network, "int4", check=given[:20], calibration=given)
    (graph,) = flatbuffer.unpack(content).subgraphs
    found = {np.prod(tensor.shape): tensor.type for tensor in graph.tensors if tensor.shape is not None}
    kernels = {72: TensorType.INT8, 1728: TensorType.INT4, 1536: TensorType.INT4, 1280: TensorType.INT8}
    assert {size: found[size] for size in kernels} == kernels
    whole = conversion.convert(network, "int8", check=given[:20], calibration=given)
    assert len(whole) - len(content) > (1728 + 1536) / 2 - 1000  # but for names
    counted = sum((layer.get_weights()[0] != 0).sum() for layer in network.layers if layer.weights)
    assert 0.7 * counted < nonzero_weights(content) <= counted


def test_recurrent_layers_are_refused():
    network = keras.Sequential([keras.Input((5, 4)), keras.layers.GRU(3), keras.layers.Dense(2)])
    with pytest.raises(BadInput, match="recurrent layers cannot have weights of four bits; use dynamic"):
        conversion.convert(network, "int4", check=np.zeros((2, 5, 4), "float32"))
