"""`make backends`: front ends give the same pictures on JAX and PyTorch as on TensorFlow."""

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
def test_pictures_are_those_of_tensorflow(backend, waveforms, batch, tmp_path):
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
