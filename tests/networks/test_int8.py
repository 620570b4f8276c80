"""Compact networks as integers in TFLite, which is what devices run."""

import importlib

import keras
import numpy as np
import pytest
from keras import ops
from test_networks import pictures

from kerasinst import networks

SHAPE = (16, 12, 1)


def coarse_pictures(n):
    """Pictures of large patches, since averages of noise are all alike."""
    return pictures((4, 3, 1), n).repeat(4, axis=1).repeat(4, axis=2)


def adapt(network, batch):
    """Gives batch normalisations the batch's statistics, so that scores vary as a trained network's do."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    network(batch, training=True)


def as_int8(network):
    """Integers from input to output."""
    import tensorflow as tf

    picture = keras.Input(batch_shape=(1, *SHAPE))  # one picture at a time gives the smallest graph
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(picture, network(picture)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([one[None]] for one in coarse_pictures(64))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def scores_of(flatbuffer, batch):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=flatbuffer)
    interpreter.allocate_tensors()
    assert not [tensor["name"] for tensor in interpreter.get_tensor_details() if tensor["dtype"] == np.float32]
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero = given["quantization"]
    scores = []
    for picture in batch:
        whole = np.clip(np.round(picture[None] / scale + zero), -128, 127).astype(np.int8)
        interpreter.set_tensor(given["index"], whole)
        interpreter.invoke()
        scores.append(interpreter.get_tensor(wanted["index"])[0])
    scale, zero = wanted["quantization"]
    return (np.array(scores, float) - zero) * scale


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")
@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ds_cnn", {"filters": 16, "blocks": 1}),
        ("tc_resnet", {"filters": (8, 12)}),
        ("mobilenet_v3_small", {"dense_units": 32}),
        ("crnn", {"filters": (8, 8), "units": (8,), "unroll": True}),
    ],
)
def test_compact_networks_become_integers(name, options, monkeypatch):
    if name == "mobilenet_v3_small":  # one block of each kind, since conversion takes its time
        module = importlib.import_module(f"kerasinst.networks.{name}")
        monkeypatch.setattr(module, "BLOCKS", [module.BLOCKS[index] for index in (0, 4, 5)])
    keras.utils.set_random_seed(0)
    network = networks.create(name, SHAPE, n_labels=4, **options)
    batch = coarse_pictures(32)
    adapt(network, batch)
    expected = ops.convert_to_numpy(network(batch))
    assert expected.std(axis=0).max() > 0.02
    assert np.abs(scores_of(as_int8(network), batch) - expected).mean() < 0.25 * expected.std()
