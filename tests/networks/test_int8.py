"""Compact networks as integers in TFLite, which is what devices run."""

import importlib

import keras
import numpy as np
import pytest
from keras import ops
from test_networks import pictures

from kerasinst import networks

SHAPE = (16, 12, 1)
COMPACT = {
    "ds_cnn": {"filters": 16, "blocks": 1},
    "tc_resnet": {"filters": (8, 12)},
    "mobilenet_v3_small": {"dense_units": 32},
    "crnn": {"filters": (8, 8), "units": (8,), "unroll": True},
}


def coarse_pictures(n):
    """Features of large patches, since averages of noise are all alike."""
    return pictures((4, 3, 1), n).repeat(4, axis=1).repeat(4, axis=2)


def make(name, batch):
    """A network whose scores vary as a trained one's do: normalised by the batch's statistics, with biases."""
    network = networks.create(name, SHAPE, n_labels=4, **COMPACT[name])
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
        if isinstance(layer, keras.layers.GRU):  # biases of 0 leave a gate unused, and its tensors floats
            layer.cell.bias.assign(0.1 * np.random.default_rng(0).standard_normal(layer.cell.bias.shape))
    network(batch, training=True)
    return network


def as_int8(model, batch):
    """Integers from input to output."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([picture[None]] for picture in batch)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def run(flatbuffer, batch):
    """Scores of each output, `(pictures, labels)`."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=flatbuffer)
    interpreter.allocate_tensors()
    assert not [tensor["name"] for tensor in interpreter.get_tensor_details() if tensor["dtype"] == np.float32]
    given = interpreter.get_input_details()[0]
    scale, zero = given["quantization"]
    found = []
    for picture in batch:
        whole = np.clip(np.round(picture[None] / scale + zero), -128, 127).astype(np.int8)
        interpreter.set_tensor(given["index"], whole)
        interpreter.invoke()
        outputs = sorted(interpreter.get_output_details(), key=lambda output: output["name"])
        found.append([_as_floats(interpreter.get_tensor(output["index"])[0], output) for output in outputs])
    return np.swapaxes(found, 0, 1)


def _as_floats(values, output):
    scale, zero = output["quantization"]
    return (values.astype(float) - zero) * scale


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")
@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
def test_compact_networks_become_integers(monkeypatch):
    keras.utils.set_random_seed(0)
    mobilenet = importlib.import_module("kerasinst.networks.mobilenet_v3_small")
    monkeypatch.setattr(mobilenet, "BLOCKS", [mobilenet.BLOCKS[4]])  # that has every kind of layer
    batch = coarse_pictures(48)
    made = [make(name, batch) for name in COMPACT]
    picture = keras.Input(batch_shape=(1, *SHAPE))  # one picture at a time gives the smallest graph
    joined = keras.Model(picture, [network(picture) for network in made])  # since each conversion takes seconds
    for name, network, scores in zip(COMPACT, made, run(as_int8(joined, batch), batch), strict=True):
        expected = ops.convert_to_numpy(network(batch))
        assert expected.std(axis=0).max() > 0.01, name
        assert np.abs(scores - expected).mean() < 0.25 * expected.std(), name
