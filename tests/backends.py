"""`make backends`: front ends give the same features on JAX and PyTorch as on TensorFlow."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from signals import rounding
from test_frontends import VARIANTS

from kerasinst import frontends

CHILD = """
import sys, json, keras, numpy as np
from kerasinst import frontends
waveforms = np.load(sys.argv[1])
for index, (name, options) in enumerate(json.loads(sys.argv[2])):
    layers = [keras.Input(waveforms.shape[1:]), frontends.create(name, **options)]
    np.save(f"{sys.argv[3]}/{index}.npy", keras.Sequential(layers).predict(waveforms))
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_features_are_those_of_tensorflow(backend, waveforms, batch, tmp_path):
    np.save(tmp_path / "waveforms.npy", batch)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "waveforms.npy"), json.dumps(VARIANTS), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "KERAS_BACKEND": backend})
    for index, (name, options) in enumerate(VARIANTS):
        layer = frontends.create(name, **options)
        theirs = np.load(tmp_path / f"{index}.npy")
        for signal, ours, picture in zip(waveforms, np.asarray(layer(batch)), theirs, strict=True):
            if signal in ("sweep", "tone") and {"pcen", "yamnet"} & {*options, options.get("preset")}:
                continue  # not in decibels, with much made of what is 100 dB below them, where float32 ends
            assert (np.abs(picture - ours) <= 1e-4 + _left_open(layer, ours)).all(), (name, options, signal)


def _left_open(layer, picture: np.ndarray) -> np.ndarray | float:
    """What float32 does, where sums are made in another order."""
    return 3e-4 if layer.bin_unit == "coefficient" else rounding(picture, 3e-7)  # the lifter multiplies by up to 12


PARALLEL = """
import os, sys
from functools import partial
from pathlib import Path
import numpy as np
if os.environ["KERAS_BACKEND"] == "tensorflow":
    import tensorflow as tf
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from kerasinst import networks
from kerasinst.core import distribution
from kerasinst.experiment.training import TrainingSection
from kerasinst.training import fit
fit.all_devices = partial(distribution.all_devices, "cpu")
labels = np.arange(51) % 3
features = np.random.default_rng(0).standard_normal((51, 12, 9, 1)).astype("float32")
features[np.arange(51), :, 3 * labels] += 3
data = features, np.eye(3, dtype="float32")[labels]
training = TrainingSection(epochs=12, batch_size=16, learning_rate=0.02, augment=["cutmix"])
build = partial(networks.create, "separable", (12, 9, 1), n_labels=3, filters=[4, 8], blocks=1)
with distribution.all_devices("cpu") as count:
    assert count == 2
fitted = fit.fit(build, training, train=data, validation=data, seed=1, state=Path(sys.argv[1]))
fitted.network.save(sys.argv[2])
again = keras.models.load_model(sys.argv[2])
np.testing.assert_allclose(again.predict(features), fitted.network.predict(features), atol=1e-5)
assert fitted.score > 0.8, fitted.score
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_all_devices_train_one_network(backend, tmp_path):
    """Two devices that one processor plays; 51 samples, so that the last batch has to be filled up."""
    flags = "--xla_force_host_platform_device_count=2"
    command = [sys.executable, "-c", PARALLEL, str(tmp_path / "state"), str(tmp_path / "network.keras")]
    subprocess.run(command, check=True, env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": flags})
